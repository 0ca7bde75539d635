import type { ExternalDnsNames } from '../core/adopt/external-dns.ts';
import type { Secret } from '../core/kube/objects.ts';
import type { Tags } from '../core/model/tags.ts';
import type { AcmElsewhere } from './acm-elsewhere.ts';
import type { Clients } from './clients.ts';
import type { DeleteBreaker } from './delete-breaker.ts';
import type { ImportBreaker } from './import-breaker.ts';
import type { OwnCertificates } from './own-certificates.ts';
import type { RecordWriter } from './record-writer.ts';
import type { ZoneClients } from './zone-clients.ts';

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
  readonly dns: {
    /** Owner id of the external-dns whose records for our Ingresses count as ours. */
    readonly adoptOwner: string | undefined;
    readonly externalDns: ExternalDnsNames;
    readonly zones: ZoneClients;
    readonly deletes: DeleteBreaker;
    /** False: records stay for good, whoever made them. */
    readonly mayDelete: boolean;
  };
  readonly changeRecords: RecordWriter;
  /** A Secret as last seen; undefined: it is not there, or may not be read. */
  readonly secretAt: (id: string) => Secret | undefined;
  readonly imports: ImportBreaker;
  readonly ownCertificates: OwnCertificates;
  readonly acmElsewhere: AcmElsewhere;
  /** Tags of certificates this process made, by ARN: the tagging API knows of new ones only after a while. */
  readonly madeCertificates: Map<string, Tags>;
};
