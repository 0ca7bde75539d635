/** Security groups of the VPC `vpc-1`, in short, for the tests of EC2. */
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import type { World } from './sandbox-aws-world.ts';

/** Id of a new group. */
export const create = async ({ ec2 }: World, GroupName = 'web', more = {}): Promise<string> =>
  (await ec2.send(new CreateSecurityGroupCommand({ GroupName, Description: 'd', VpcId: 'vpc-1', ...more })))
    .GroupId ?? '';

export const port = (Port: number, ...cidrs: string[]): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: Port,
  ToPort: Port,
  IpRanges: cidrs.map((CidrIp) => ({ CidrIp })),
});

export const allow = ({ ec2 }: World, GroupId: string, ...IpPermissions: IpPermission[]) =>
  ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions }));

export const drop = ({ ec2 }: World, GroupId: string) =>
  ec2.send(new DeleteSecurityGroupCommand({ GroupId }));
