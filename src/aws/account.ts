import type { Clients } from './clients.ts';

/** One cluster's view of one AWS account and Region. */
export type Account = {
  readonly clients: Clients;
  readonly region: string;
  /** Name of the cluster, as in the ownership tags. */
  readonly cluster: string;
  /** VPC of the cluster, when it was named. */
  readonly vpcId: string | undefined;
  /** `off`: Route 53 is never asked, and no record is ours. */
  readonly route53: 'on' | 'off';
};
