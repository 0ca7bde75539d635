/** AWS Shield Advanced for a load balancer. */
import {
  CreateProtectionCommand,
  DeleteProtectionCommand,
  DescribeProtectionCommand,
  type Protection,
} from '@aws-sdk/client-shield';
import type { Account } from '../account.ts';
import { awsError, means } from '../errors.ts';

/** LBC's name for protections of its own; those of others are never removed. */
const NAME = 'managed by aws-load-balancer-controller';

const protectionOf = async ({ clients }: Account, ResourceArn: string): Promise<Protection | undefined> => {
  try {
    return (await clients.shield.send(new DescribeProtectionCommand({ ResourceArn }))).Protection;
  } catch (thrown) {
    if (means(thrown, 'gone')) return undefined;
    throw thrown;
  }
};

export const isProtected = async (account: Account, arn: string): Promise<boolean> =>
  (await protectionOf(account, arn)) !== undefined;

/** A protection that somebody else made stays, because it is theirs. */
export const setProtection = async (account: Account, ResourceArn: string, on: boolean): Promise<void> => {
  const { shield } = account.clients;
  if (on) {
    try {
      await shield.send(new CreateProtectionCommand({ Name: NAME, ResourceArn }));
    } catch (thrown) {
      if (awsError(thrown).code !== 'ResourceAlreadyExistsException') throw thrown;
    }
    return;
  }
  const found = await protectionOf(account, ResourceArn);
  if (found?.Id && found.Name === NAME)
    await shield.send(new DeleteProtectionCommand({ ProtectionId: found.Id }));
};
