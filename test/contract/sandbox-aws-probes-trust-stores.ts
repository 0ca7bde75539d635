/** One probe for each rule of ELBv2 about trust stores, reserved capacity and what else it serves. */
import {
  AddTrustStoreRevocationsCommand,
  CreateListenerCommand,
  CreateTrustStoreCommand,
  DeleteSharedTrustStoreAssociationCommand,
  DeleteTrustStoreCommand,
  DescribeTrustStoresCommand,
  GetResourcePolicyCommand,
  GetTrustStoreRevocationContentCommand,
  ModifyCapacityReservationCommand,
  ModifyTrustStoreCommand,
  RemoveTrustStoreRevocationsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { createServerIdentity } from '../../src/sandbox/kubernetes/certificate.ts';
import { NOT_FOUND, type Probe, type World } from './sandbox-aws-world.ts';

const NONE = 'arn:aws:elasticloadbalancing:us-west-1:123456789012:truststore/none/0123456789abcdef';
const { authority, server } = createServerIdentity([], ['leaf.example.com']);
const [S3Bucket, S3Key] = ['bucket', 'ca.pem'];

const put = ({ aws }: World, text: string, key = S3Key) => aws.objects.set(`${S3Bucket}/${key}`, text);

const make = async (world: World, Name = 'trust', text = authority) => {
  put(world, text);
  const { TrustStores } = await world.elb.send(
    new CreateTrustStoreCommand({
      Name,
      CaCertificatesBundleS3Bucket: S3Bucket,
      CaCertificatesBundleS3Key: S3Key,
    }),
  );
  return TrustStores?.[0]?.TrustStoreArn ?? '';
};

/** A listener that verifies its clients, and the trust store it does that with. */
const verifying = async (world: World, mode: 'verify' | 'passthrough' = 'verify') => {
  const [TrustStoreArn, LoadBalancerArn] = [await make(world), await world.balancer()];
  await world.elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn: await world.certificate(['shop.example.com']) }],
      DefaultActions: [NOT_FOUND],
      MutualAuthentication: { Mode: mode, TrustStoreArn },
    }),
  );
  return { TrustStoreArn, ResourceArn: LoadBalancerArn };
};

const revoke = ({ elb }: World, TrustStoreArn: string, ...keys: string[]) =>
  elb.send(
    new AddTrustStoreRevocationsCommand({
      TrustStoreArn,
      RevocationContents: keys.map((key) => ({ S3Bucket, S3Key: key })),
    }),
  );

const reserve = ({ elb }: World, LoadBalancerArn: string, CapacityUnits: number) =>
  elb.send(
    new ModifyCapacityReservationCommand({ LoadBalancerArn, MinimumLoadBalancerCapacity: { CapacityUnits } }),
  );

export const TRUST_STORES: readonly Probe[] = [
  [
    'a trust store from an object that is not there',
    'CaCertificatesBundleNotFoundException',
    (w) =>
      w.elb.send(
        new CreateTrustStoreCommand({
          Name: 'a',
          CaCertificatesBundleS3Bucket: 'none',
          CaCertificatesBundleS3Key: 'none',
        }),
      ),
  ],
  [
    'a bundle without certificates',
    'InvalidCaCertificatesBundleException',
    (w) => make(w, 'a', 'hello'),
    /no PEM/,
  ],
  [
    'a bundle with a certificate of no authority',
    'InvalidCaCertificatesBundleException',
    (w) => make(w, 'a', server.certificate),
    /CA certificate/,
  ],
  ['a trust store name of 33 characters', 'ValidationError', (w) => make(w, 'x'.repeat(33)), /length/],
  ['a trust store name that ends with a hyphen', 'ValidationError', (w) => make(w, 'a-'), /pattern/],
  [
    'a trust store name twice',
    'DuplicateTrustStoreNameException',
    async (w) => {
      await make(w);
      return make(w);
    },
  ],
  [
    'more trust stores than the quota',
    'TooManyTrustStoresException',
    async (w) => {
      await make(w, 'a');
      return make(w, 'b');
    },
    /'1'/,
    { facts: { trustStoresPerRegion: 1 } },
  ],
  [
    'deleting a trust store in use',
    'TrustStoreInUseException',
    async (w) => w.elb.send(new DeleteTrustStoreCommand(await verifying(w))),
  ],
  [
    'an unknown trust store',
    'TrustStoreNotFoundException',
    (w) => w.elb.send(new DescribeTrustStoresCommand({ TrustStoreArns: [NONE] })),
  ],
  [
    'changing an unknown trust store',
    'TrustStoreNotFoundException',
    (w) =>
      w.elb.send(
        new ModifyTrustStoreCommand({
          TrustStoreArn: NONE,
          CaCertificatesBundleS3Bucket: S3Bucket,
          CaCertificatesBundleS3Key: S3Key,
        }),
      ),
  ],
  [
    'a trust store without verifying',
    'ValidationError',
    (w) => verifying(w, 'passthrough'),
    /need mutual authentication mode 'verify'/,
  ],
  [
    'a revocation file that is not there',
    'RevocationContentNotFoundException',
    async (w) => revoke(w, await make(w), 'none'),
  ],
  [
    'a revocation file that is none',
    'InvalidRevocationContentException',
    async (w) => {
      put(w, authority, 'crl');
      return revoke(w, await make(w), 'crl');
    },
  ],
  [
    'removing an unknown revocation',
    'RevocationIdNotFoundException',
    async (w) =>
      w.elb.send(
        new RemoveTrustStoreRevocationsCommand({ TrustStoreArn: await make(w), RevocationIds: [1] }),
      ),
  ],
  [
    'the content of an unknown revocation',
    'RevocationIdNotFoundException',
    async (w) =>
      w.elb.send(
        new GetTrustStoreRevocationContentCommand({ TrustStoreArn: await make(w), RevocationId: 1 }),
      ),
  ],
  [
    'ending an association of the same account as if it were shared',
    'DeleteAssociationSameAccountException',
    async (w) => w.elb.send(new DeleteSharedTrustStoreAssociationCommand(await verifying(w))),
  ],
  [
    'ending an association that is not there',
    'TrustStoreAssociationNotFoundException',
    async (w) =>
      w.elb.send(
        new DeleteSharedTrustStoreAssociationCommand({
          TrustStoreArn: await make(w),
          ResourceArn: await w.balancer(),
        }),
      ),
  ],
];

export const CAPACITY: readonly Probe[] = [
  [
    'less than 100 capacity units',
    'ValidationError',
    async (w) => reserve(w, await w.balancer(), 99),
    /at least '100'/,
  ],
  [
    'more capacity units than the quota',
    'CapacityUnitsLimitExceededException',
    async (w) => reserve(w, await w.balancer(), 15_001),
  ],
  [
    'a third decrease of capacity in a day',
    'CapacityDecreaseRequestsLimitExceededException',
    async (w) => {
      const arn = await w.balancer();
      for (const units of [400, 300, 200]) await reserve(w, arn, units);
      return reserve(w, arn, 100);
    },
    /'2' times/,
  ],
  [
    'capacity of an unknown load balancer',
    'LoadBalancerNotFoundException',
    (w) => reserve(w, NONE.replace('truststore', 'loadbalancer/app'), 100),
  ],
  [
    'the resource policy of what has none',
    'ResourceNotFoundException',
    async (w) => w.elb.send(new GetResourcePolicyCommand({ ResourceArn: await make(w) })),
  ],
];
