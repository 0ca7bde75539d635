/** Client tokens: a call repeated with the same token gives what it gave, and has no second effect. */
import type { Account } from '../account.ts';
import type { AnyOperations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';

/** AWS forgets tokens after a day or so; here the oldest go when there are too many. */
const REMEMBERED = 1000;

export const repeatable = (account: Account, operations: AnyOperations): AnyOperations =>
  Object.fromEntries(
    Object.entries(operations).map(([name, operation]) => [
      name,
      operation && {
        schema: operation.schema,
        handle: (input: { readonly ClientToken?: string }, caller) => {
          const { ClientToken: token, ...asked } = input;
          if (token === undefined) return operation.handle(input as never, caller);
          return once(account, `${name}/${token}`, JSON.stringify(asked), () =>
            operation.handle(input as never, caller),
          );
        },
      },
    ]),
  ) as AnyOperations;

const once = ({ clientTokens }: Account, key: string, input: string, run: () => unknown): unknown => {
  const before = clientTokens.get(key);
  if (before !== undefined && before.input !== input)
    throw refuse(
      'IdempotentParameterMismatch',
      'The client token you have provided is associated with an earlier request whose parameters differ.',
    );
  if (before !== undefined) return before.output;
  const output = run();
  clientTokens.set(key, { input, output });
  for (const old of clientTokens.keys()) {
    if (clientTokens.size <= REMEMBERED) break;
    clientTokens.delete(old);
  }
  return output;
};
