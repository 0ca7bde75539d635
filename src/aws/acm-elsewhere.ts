/**
 * ACM in the other Regions of the account. Certificates are kept by Region, but the record that validates a domain is the
 * same in all of them (AWS documentation: DNS validation), so one of CloudFront's or of another cluster may live on ours.
 */
import type { ACMClient } from '@aws-sdk/client-acm';
import { DescribeRegionsCommand, type EC2Client } from '@aws-sdk/client-ec2';

/** A client for each Region that is enabled, but our own. Rejects when AWS does not tell which there are. */
export type AcmElsewhere = () => Promise<readonly ACMClient[]>;

export const acmElsewhere = (
  ec2: EC2Client,
  own: string,
  clientIn: (region: string) => ACMClient,
): AcmElsewhere => {
  const clients = new Map<string, ACMClient>();
  return async () => {
    const { Regions = [] } = await ec2.send(new DescribeRegionsCommand({}));
    return Regions.flatMap(({ RegionName }) => {
      if (RegionName === undefined || RegionName === own) return [];
      const client = clients.get(RegionName) ?? clientIn(RegionName);
      clients.set(RegionName, client);
      return [client];
    });
  };
};
