/** What LBC's webhook says of a TargetGroupBinding, ours says when it looks at it. */
import type { BoundGroup } from '../../src/core/bindings/group.ts';
import { mismatchOf } from '../../src/core/bindings/mismatch.ts';
import { type BindingSpec, readBinding } from '../../src/core/bindings/read-binding.ts';
import { olderRival } from '../../src/core/bindings/rivals.ts';
import { snapshotFromObjects } from '../../src/core/kube/from-objects.ts';
import { assumedFacts } from '../../src/core/model/assumed-facts.ts';
import type { Json } from './vectors.ts';

const VPC = 'vpc-123456ab';

/** Short names of the vectors as ARNs, and a Service, which the schema asks for and the webhook never sees. */
const real = (value: Json): Json =>
  JSON.parse(
    JSON.stringify(value).replaceAll(
      /"tg-(\d)"/g,
      (_, name) =>
        `"arn:aws:elasticloadbalancing:us-west-2:123456789012:targetgroup/${name}/0123456789abcdef"`,
    ),
  );

const specOf = (object: Json): BindingSpec => {
  const spec = { serviceRef: { name: 'svc', port: 80 }, ...object.spec };
  const read = readBinding({ ...object, spec });
  if ('wrong' in read) throw new Error(read.wrong);
  return read.spec;
};

const groupOf = (found: Json): BoundGroup => ({
  arn: found.TargetGroupArn,
  name: found.TargetGroupName ?? 'group',
  targetType: found.TargetType,
  protocol: found.Protocol,
  ipAddressType: found.IpAddressType ?? 'ipv4',
  vpc: found.VpcId ?? VPC,
  tags: {},
  targets: [],
});

export const validated = ({ obj, describeTargetGroupsAsListCalls: calls = [] }: Json): Json => {
  const spec = specOf(real(obj));
  const found = calls.at(-1)?.resp?.[0];
  if (!found) throw new Error('there is no such target group');
  const facts = { ...assumedFacts(snapshotFromObjects([]), 'us-west-2'), vpc: VPC };
  const wrong = mismatchOf({ spec, group: groupOf(real(found)), cluster: 'cluster', facts });
  if (wrong) throw new Error(wrong.message);
  return 'ok';
};

export const alone = ({ existingTGBs = [], tgb }: Json): Json => {
  const withService = (it: Json): Json => ({
    ...it,
    metadata: { creationTimestamp: '2026-01-01T00:00:00Z', ...it.metadata },
    spec: { serviceRef: { name: 'svc', port: 80 }, ...it.spec },
  });
  const [mine, ...others] = real([tgb, ...existingTGBs]).map(withService);
  const last = { ...mine, metadata: { ...mine.metadata, creationTimestamp: '2026-01-02T00:00:00Z' } };
  const group = { arn: last.spec.targetGroupARN, name: 'group' };
  const rival = olderRival(last, specOf(last), group, snapshotFromObjects([...others, last]));
  if (rival) throw new Error(`${rival} has it`);
  return 'ok';
};

export const mayAssume = ({ tgb }: Json): Json => {
  const { iamRoleArnToAssume: role, ...spec } = tgb.spec;
  const arn = role && 'arn:aws:iam::123456789012:role/register';
  specOf({ spec: { targetGroupName: 'group', ...spec, ...(arn && { iamRoleArnToAssume: arn }) } });
  return 'ok';
};
