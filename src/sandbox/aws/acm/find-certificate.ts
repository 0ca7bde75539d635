/** Looks up a certificate by ARN. */
import { InvalidArnException$, ResourceNotFoundException$ } from '@aws-sdk/client-acm';
import type { Account } from '../account.ts';
import type { StoredCertificate } from '../state.ts';
import { refuse } from '../wire/refusal.ts';

export const certificateAt = (account: Account, given: string): StoredCertificate => {
  if (!/^arn:[\w-]+:acm:/.test(given))
    throw refuse(InvalidArnException$, `'${given}' is not a valid certificate ARN`);
  const stored = account.serving.certificates.get(given);
  if (stored === undefined) throw refuse(ResourceNotFoundException$, `Could not find certificate ${given}.`);
  return stored;
};
