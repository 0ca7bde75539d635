/** What those who make certificates for a stack have in common. */
import type { Actual } from '../model/actual.ts';
import { type CertificateSpec, certificateIdentity, certificateKey } from '../model/certificate.ts';
import { CONTENT_TAG, INGRESS_TAG, ownershipTags } from '../model/names.ts';
import type { RecordRules } from '../model/record-rules.ts';
import type { Resource } from '../model/resource.ts';
import type { ProblemCode } from '../problems/table.ts';
import type { Member } from './member.ts';
import type { StackSettings } from './settings.ts';
import type { BackendContext } from './target-group.ts';
import { userTags } from './user-tags.ts';

export type CertificatesInput = {
  readonly accepted: readonly Member[];
  readonly context: BackendContext;
  readonly settings: StackSettings;
  readonly actual: Actual;
  readonly recordRules: RecordRules;
  /** False: Route 53 is not ours to write to. */
  readonly dns: boolean;
  readonly report: (code: ProblemCode, ingress: string, message: string) => void;
};

export type Certificate = Resource<'certificate'>;

/** A certificate that an Ingress wants, or has and keeps. */
export type Wish = {
  readonly resource: Certificate;
  readonly usable: boolean;
  /** It is as it is until something else can take its place. */
  readonly kept?: true;
};

/** The resource of a wanted certificate. */
export const certificateOf = (
  spec: Omit<CertificateSpec, 'tags'>,
  member: Member,
  input: CertificatesInput,
): Certificate => {
  const key = certificateKey(input.context.stack, certificateIdentity(spec));
  const have = input.actual.owned.get(key);
  const known = have?.kind === 'certificate' && input.settings.isUnknown('tags') ? have.spec.tags : undefined;
  const tags = {
    ...(known ?? {
      ...userTags(input.settings.settings.tags),
      ...ownershipTags(input.context.cluster, input.context.stack, certificateIdentity(spec)),
      [INGRESS_TAG]: member.id,
    }),
    ...(spec.content !== undefined && { [CONTENT_TAG]: spec.content }),
  };
  return { kind: 'certificate', key, spec: { ...spec, tags } };
};
