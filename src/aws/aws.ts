/** The AWS room: everything the controller asks of AWS, over the real API. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ACMClient } from '@aws-sdk/client-acm';
import { ChangeResourceRecordSetsCommand } from '@aws-sdk/client-route-53';
import { STSClient } from '@aws-sdk/client-sts';
import { type ExternalDnsNames, PLAIN_NAMES } from '../core/adopt/external-dns.ts';
import type { Secret } from '../core/kube/objects.ts';
import type { Aws, Log } from '../core/ports.ts';
import type { Account } from './account.ts';
import { acmElsewhere } from './acm-elsewhere.ts';
import { boundGroups } from './bound-groups.ts';
import { awsBudget, type Budget, NO_BUDGET } from './budget.ts';
import { type ClientOptions, createClients, metered, type OnCall, sdkConfig } from './clients.ts';
import { deleteBreaker } from './delete-breaker.ts';
import { cachedFacts } from './facts.ts';
import { importBreaker } from './import-breaker.ts';
import { inventory } from './inventory.ts';
import { knownRecords } from './known-records.ts';
import { sharedListings } from './listing.ts';
import { lookUpNames, observe, type Sight } from './observe.ts';
import { ownCertificates } from './own-certificates.ts';
import { perform } from './perform.ts';
import { recordWriter, type WriterPorts } from './record-writer.ts';
import { clientsOfRoles } from './role-clients.ts';
import { serving } from './serving.ts';
import { targetHealth } from './target-health.ts';
import { type ZoneClients, type ZoneOfRole, zoneClients } from './zone-clients.ts';

export type AwsOptions = {
  readonly region: string;
  /** As in the ownership tags; the same name in two clusters of one account makes them one owner. */
  readonly clusterName: string;
  /** Default: the VPC of the subnets tagged for the cluster, else the only VPC of the Region. */
  readonly vpcId?: string;
  /** Default: what the SDK finds, AWS_ENDPOINT_URL included. */
  readonly endpoint?: string;
  /** Tries of one request inside the SDK. Default 3. */
  readonly maxAttempts?: number;
  /** `aws`: stay below the request rates AWS documents. `off`: for a sandbox. */
  readonly budget: 'aws' | 'off';
  /** `off`: never ask Route 53. */
  readonly route53: 'on' | 'off';
  /** Owner id of an external-dns whose records for Ingresses of this cluster are adopted. Default: none. */
  readonly adoptOwner?: string;
  /** Where external-dns keeps its ownership records. Default: no prefix, no suffix. */
  readonly externalDns?: ExternalDnsNames;
  /** Records that may be deleted in a minute. Default: any number. */
  readonly maxRecordDeletes?: number;
  /** False: no record by which a certificate was validated is taken away. Default true. */
  readonly mayDeleteRecords?: boolean;
  /** Secrets as last seen, by `namespace/name`. Default: there are none. */
  readonly secretAt?: (id: string) => Secret | undefined;
  /** Times a day the content of one Secret may be imported into ACM. Default 10. */
  readonly maxImports?: number;
  /** Hosted zones of other accounts, with the roles that may keep records there. Default: none. */
  readonly zonesOfRoles?: readonly ZoneOfRole[];
  /** Milliseconds a change of a record waits for others, to go out with them. Default 150. */
  readonly recordWindow?: number;
  readonly log: Log;
  readonly onCall?: OnCall;
  /** Asked before every request that writes; default: yes. */
  readonly mayWrite?: () => boolean;
};

export const connectAws = (options: AwsOptions): Aws => {
  const timer = { now: () => performance.now(), sleep: (ms: number) => sleep(ms) };
  const budget = (): Budget => (options.budget === 'aws' ? awsBudget(timer) : NO_BUDGET);
  const clientOptions: ClientOptions = {
    region: options.region,
    ...(options.endpoint && { endpoint: options.endpoint }),
    maxAttempts: options.maxAttempts ?? 3,
    budget: budget(),
    onCall: options.onCall ?? (() => {}),
    mayWrite: options.mayWrite ?? (() => true),
    log: options.log,
  };
  const clients = createClients(clientOptions);
  const sts = metered(new STSClient(sdkConfig(clientOptions)), 'sts', clientOptions);
  const ofRoles = clientsOfRoles({ sts, clients: clientOptions, budget, cluster: options.clusterName });
  const zones = zoneClients({
    own: clients.route53,
    clientOf: ofRoles.route53,
    kept: options.zonesOfRoles ?? [],
  });
  const account: Account = {
    clients,
    region: options.region,
    cluster: options.clusterName,
    vpcId: options.vpcId,
    route53: options.route53,
    dns: {
      adoptOwner: options.adoptOwner,
      externalDns: options.externalDns ?? PLAIN_NAMES,
      zones,
      mayDelete: options.mayDeleteRecords ?? true,
      deletes: deleteBreaker(options.maxRecordDeletes ?? Number.POSITIVE_INFINITY, timer.now),
    },
    secretAt: options.secretAt ?? (() => undefined),
    imports: importBreaker(options.maxImports ?? 10, timer.now),
    ownCertificates: ownCertificates({ clients, cluster: options.clusterName }),
    acmElsewhere: acmElsewhere(clients.ec2, options.region, (region) =>
      metered(new ACMClient(sdkConfig({ ...clientOptions, region })), 'acm', clientOptions),
    ),
    madeCertificates: new Map(),
    changeRecords: recordWriter({
      send: sendChanges(zones),
      pause: () => timer.sleep(options.recordWindow ?? 150),
    }),
  };
  const sight: Sight = { account, listings: sharedListings(account), records: knownRecords(account) };
  return {
    groups: boundGroups({ own: clients.elb, clientOf: ofRoles.elb }),
    facts: cachedFacts(account),
    inventory: () => inventory(sight),
    observe: (stack, heirs) => observe(sight, stack, heirs),
    lookUpNames: (actual, stack, names) => lookUpNames(sight, actual, stack, names),
    perform: (operation, actual) => perform(sight, operation, actual),
    serving: (key, actual) => serving(account, key, actual),
    targetHealth: (groups, actual) => targetHealth(account, groups, actual),
  };
};

const sendChanges =
  (zones: ZoneClients): WriterPorts['send'] =>
  async (HostedZoneId, changes) => {
    const ChangeBatch = { Changes: [...changes] };
    await zones.of(HostedZoneId).send(new ChangeResourceRecordSetsCommand({ HostedZoneId, ChangeBatch }));
  };
