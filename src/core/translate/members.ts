/** The Ingresses of one stack, read. */

import { NO_DEFAULTS } from './defaults.ts';
import { type Member, readMember, readMoved } from './member.ts';
import { memberships, stacksOfFinalizers } from './membership.ts';
import type { TranslateInput } from './translate.ts';

/** Members, and Ingresses that were members and whose belonging cannot be told now: those are frozen. */
export const membersOf = (
  input: Pick<TranslateInput, 'stack' | 'snapshot' | 'ingresses' | 'scope' | 'staying'>,
): readonly Member[] =>
  [...input.ingresses].sort().flatMap((id) => {
    const ingress = input.snapshot.ingresses.get(id);
    if (!ingress) return [];
    const { defaults = NO_DEFAULTS } = input.scope;
    const established = stacksOfFinalizers(ingress).includes(input.stack);
    for (const membership of memberships(ingress, input.snapshot, input.scope)) {
      if (membership.is === 'member' && membership.stack === input.stack)
        return [readMember(ingress, established, defaults)];
      if (membership.is === 'leaving' && membership.stack === input.stack && input.staying?.has(id))
        return [readMoved(ingress, defaults)];
      if (membership.is === 'unclear' && (membership.stack ?? id) === input.stack)
        return [
          readMember(ingress, established, defaults, {
            code: membership.code,
            ingress: id,
            message: membership.why,
          }),
        ];
    }
    return [];
  });
