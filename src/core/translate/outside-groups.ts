/** Target groups that Ingresses forward to and somebody else made: they are referred to and never changed. */
import type { ForwardTarget } from '../annotations/action.ts';
import type { Member } from './member.ts';
import type { BackendContext } from './target-group.ts';

export type OutsideTarget = Exclude<ForwardTarget, { readonly service: string }>;

export type OutsideGroup =
  | { readonly arn: `arn:${string}` }
  /** Nobody has made it (yet). */
  | { readonly missing: string }
  | { readonly wrong: string };

/**
 * The ARN behind what a forward names. A target group of this very stack is refused: it would come and go with
 * the Service it was made for, and AWS would not let two owners agree about it.
 */
export const outsideGroup = (
  target: OutsideTarget,
  { facts, ownGroups }: Pick<BackendContext, 'facts' | 'ownGroups'>,
): OutsideGroup => {
  const arn =
    'arn' in target ? target.arn : facts.targetGroups.find((it) => it.name === target.targetGroup)?.arn;
  const said = 'arn' in target ? target.arn : target.targetGroup;
  if (arn === undefined)
    return {
      missing: `target group ${said} does not exist in this account and Region (${facts.region}); create it, or correct targetGroupName`,
    };
  if (ownGroups.has(arn))
    return {
      wrong: `target group ${said} was made by this controller for a Service; expected serviceName and servicePort of that Service`,
    };
  return { arn };
};

/** Whether an Ingress names target groups: one that is made anew under its name has another ARN. */
export const namesGroups = ({ reading }: Member): boolean =>
  [...reading.settings['actions.*'].values()].some(
    (action) => action.type === 'forward' && action.targets.some((target) => 'targetGroup' in target),
  );
