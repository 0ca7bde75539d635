/** The scheme of a group, and the classes that allow it or not. */
import { PREFIX } from '../annotations/table.ts';
import { schemeRefusal } from '../ingress-class/policy.ts';
import type { Scheme } from '../model/scheme.ts';
import type { Problem } from '../problems/table.ts';
import type { Member } from './member.ts';
import type { StackSettings } from './settings.ts';

/**
 * Nobody is carried to a load balancer that their class forbids: a change of scheme that would do so is held, and
 * whoever asks for it is told. Members that their class forbids the scheme there is are told as well.
 */
export const withSchemePolicy = (
  settings: StackSettings,
  members: readonly Member[],
  have: Scheme | undefined,
): { readonly settings: StackSettings; readonly refused: readonly Problem[] } => {
  const wanted = settings.settings.scheme;
  const stays = have !== undefined && settings.isUnknown('scheme');
  const carried =
    have === undefined || stays || have === wanted
      ? []
      : members.filter(
          ({ policy, established }) =>
            established &&
            schemeRefusal(wanted, policy) !== undefined &&
            schemeRefusal(have, policy) === undefined,
        );
  const held = carried[0];
  const scheme = stays || held ? (have ?? wanted) : wanted;
  const refused = members.flatMap(({ id, policy }) => {
    const why = schemeRefusal(scheme, policy);
    return why === undefined ? [] : [problem('NotAllowed', id, why)];
  });
  if (!held) return { settings, refused };
  const askers = members.filter(({ reading }) => reading.stated.scheme === wanted);
  const why = `${wanted} would carry ${held.id} along, and ${held.policy.source} allows ${held.policy.schemes?.join(', ')} only; it stays ${have}`;
  return {
    settings: {
      ...settings,
      isUnknown: (name) => name === 'scheme' || settings.isUnknown(name),
      told: [
        ...settings.told,
        ...(askers.length > 0 ? askers : [held]).map(({ id }) => problem('HeldBack', id, why)),
      ],
    },
    refused,
  };
};

const problem = (code: Problem['code'], ingress: string, why: string): Problem => ({
  code,
  ingress,
  message: `${PREFIX}scheme: ${why}`,
});
