/** A target group as AWS describes it, whoever made it. */
import type { AwsId } from '../model/actual.ts';
import type { Target } from '../model/resource.ts';
import type { Tags } from '../model/tags.ts';

export type BoundGroup = {
  readonly arn: AwsId;
  readonly name: string;
  /** `instance`, `ip`, `lambda` or `alb`. */
  readonly targetType: string;
  readonly protocol: string;
  readonly ipAddressType: string;
  readonly vpc: string;
  readonly tags: Tags;
  /** Those that are not on their way out. */
  readonly targets: readonly Target[];
};

/** A target as text, for notes of what was registered: `10.0.0.1:80`. AWS knows a target by address and port. */
export const targetId = ({ id, port }: Target): string => `${id}:${port}`;

/** What {@link targetId} gave, in any order. Undefined when nothing was ever noted. */
export const parseTargets = (note: string | undefined): readonly Target[] | undefined =>
  note
    ?.split(',')
    .filter((it) => it !== '')
    .flatMap((text) => {
      const colon = text.lastIndexOf(':');
      const port = Number(text.slice(colon + 1));
      return colon > 0 && Number.isInteger(port) ? [{ id: text.slice(0, colon), port }] : [];
    });

export const targetsNote = (targets: readonly Target[]): string =>
  [...new Set(targets.map(targetId))].sort().join(',');
