/** The Ingresses of one stack, read. */
import { classOf } from '../ingress-class/class-of.ts';
import { NO_POLICY } from '../ingress-class/policy.ts';
import { NO_CLASS_SETTINGS, readParams, UNKNOWN_CLASS_SETTINGS } from '../ingress-class/read-params.ts';
import type { Ingress } from '../kube/objects.ts';
import { NO_DEFAULTS } from './defaults.ts';
import { type Member, readMember, readMoved, type Standing } from './member.ts';
import { memberships, stacksOfFinalizers } from './membership.ts';
import type { TranslateInput } from './translate-input.ts';

type Input = Pick<TranslateInput, 'stack' | 'snapshot' | 'ingresses' | 'scope' | 'staying' | 'unmarked'>;

/** Members, and Ingresses that were members and whose belonging cannot be told now: those are frozen. */
export const membersOf = (input: Input): readonly Member[] =>
  [...input.ingresses].sort().flatMap((id) => {
    const ingress = input.snapshot.ingresses.get(id);
    if (!ingress) return [];
    const { defaults = NO_DEFAULTS } = input.scope;
    const standing = (): Standing => ({
      established: stacksOfFinalizers(ingress).includes(input.stack),
      ...ofClass(ingress, input),
    });
    for (const membership of memberships(ingress, input.snapshot, input.scope)) {
      if (membership.is === 'member' && membership.stack === input.stack)
        return [readMember(ingress, { ...standing(), ...whyUnmarked(id, input) }, defaults)];
      if (membership.is === 'leaving' && membership.stack === input.stack && input.staying?.has(id))
        return [readMoved(ingress, defaults)];
      if (membership.is === 'unclear' && (membership.stack ?? id) === input.stack) {
        const { code, why } = membership;
        return [
          readMember(ingress, { ...standing(), frozenWhy: { code, ingress: id, message: why } }, defaults),
        ];
      }
    }
    return [];
  });

/** What could vanish unseen is not programmed. */
const whyUnmarked = (ingress: string, { unmarked }: Input): Pick<Standing, 'frozenWhy'> => {
  const message = unmarked?.get(ingress);
  return message === undefined ? {} : { frozenWhy: { code: 'WriteRefused', ingress, message } };
};

const ofClass = (ingress: Ingress, { snapshot, scope }: Input): Pick<Standing, 'own' | 'policy'> => {
  const choice = classOf(ingress, snapshot, scope, stacksOfFinalizers(ingress).length > 0);
  const policy = choice.is === 'ours' ? choice.policy : NO_POLICY;
  if (choice.is === 'foreign') return { own: NO_CLASS_SETTINGS, policy };
  if (choice.params)
    return { own: readParams(choice.params, (scope.defaults ?? NO_DEFAULTS).externalTags), policy };
  return { own: choice.is === 'ours' ? NO_CLASS_SETTINGS : UNKNOWN_CLASS_SETTINGS, policy };
};
