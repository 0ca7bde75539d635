/** Checks that a certificate of an ARN is there, issued or not. */
import { InvalidArnException$, ResourceNotFoundException$ } from '@aws-sdk/client-acm';
import type { Account } from '../account.ts';
import { refuse } from '../wire/refusal.ts';

export const certificateArnAt = (account: Account, given: string): string => {
  if (!/^arn:[\w-]+:acm:/.test(given))
    throw refuse(InvalidArnException$, `'${given}' is not a valid certificate ARN`);
  if (account.serving.certificates.has(given) || account.certificateRequests.has(given)) return given;
  throw refuse(ResourceNotFoundException$, `Could not find certificate ${given}.`);
};
