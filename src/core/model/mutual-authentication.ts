/** What an HTTPS listener does with certificates of clients. */
import { canonical } from './digest.ts';

export type MutualAuthentication =
  | { readonly mode: 'off' | 'passthrough' }
  | {
      readonly mode: 'verify';
      /** Name or ARN. */
      readonly trustStore: string;
      readonly ignoreExpiry: boolean;
      /** Whether clients are told which authorities count. */
      readonly advertiseNames: boolean;
    };

/** Nothing and `off` are the same, and so are a trust store's name and its ARN (`…:truststore/NAME/ID`). */
export const isSameAuthentication = (
  want: MutualAuthentication | undefined,
  have: MutualAuthentication | undefined,
): boolean => {
  if (want?.mode !== 'verify' || have?.mode !== 'verify' || want.trustStore.startsWith('arn:'))
    return canonical(want ?? { mode: 'off' }) === canonical(have ?? { mode: 'off' });
  const name = have.trustStore.split(':truststore/')[1]?.split('/')[0] ?? have.trustStore;
  return canonical(want) === canonical({ ...have, trustStore: name });
};
