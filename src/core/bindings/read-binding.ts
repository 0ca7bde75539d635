/**
 * What a TargetGroupBinding says. The schema of the kind in a cluster may be another controller's, and webhooks may be
 * missing, so everything is checked here again.
 */
import type { Fault } from '../annotations/parser.ts';
import {
  type Findings,
  fault,
  listOf,
  record,
  type Shape,
  string,
  truth,
  word,
} from '../annotations/shape.ts';
import type { TargetGroupBinding } from '../kube/objects.ts';
import type { TargetType } from '../model/backend.ts';
import { type NodeSelector, SELECTOR } from './node-selector.ts';

/** A target group by its ARN, or by its name in the account and Region. */
export type GroupRef = { readonly arn: `arn:${string}` } | { readonly name: string };

/** The role in whose name a target group of another account is reached. */
export type Role = { readonly arn: string; readonly externalId?: string };

export type BindingSpec = {
  readonly group: GroupRef;
  /** In the namespace of the binding; a port by number or by name. */
  readonly service: { readonly name: string; readonly port: number | string };
  /** Absent: as the target group has it. */
  readonly targetType?: TargetType;
  readonly protocol?: string;
  readonly ipAddressType?: 'ipv4' | 'ipv6';
  readonly vpc?: string;
  readonly nodeSelector?: NodeSelector;
  /** Other clusters register targets in the group, too: only what this binding registered is ever taken out. */
  readonly shared: boolean;
  readonly role?: Role;
  /** It asks for rules in security groups of nodes or pods. */
  readonly networking: boolean;
};

export type ReadBinding = { readonly spec: BindingSpec } | { readonly wrong: string };

export const readBinding = ({ spec }: TargetGroupBinding): ReadBinding => {
  const findings: Findings = { faults: [], remarks: [] };
  const read = SPEC(spec ?? {}, 'spec', findings);
  const made = read && specOf(read, findings);
  if (made && findings.faults.length === 0) return { spec: made };
  return { wrong: findings.faults.map(faultText).join('; ') };
};

const faultText = ({ at, expected, value }: Fault): string =>
  `${at ?? 'spec'}: expected ${expected}${value === undefined ? '' : `, got ${value}`}`;

/** AWS documentation of target group and role ARNs; `aws-cn` and `aws-us-gov` are partitions. */
const GROUP_ARN = string(
  'the ARN of a target group, arn:aws:elasticloadbalancing:REGION:ACCOUNT:targetgroup/NAME/ID',
  (value) =>
    /^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:\d{12}:targetgroup\/[A-Za-z0-9-]{1,32}\/[0-9a-f]+$/.test(
      value,
    ),
);
const ROLE_ARN = string('the ARN of an IAM role, arn:aws:iam::ACCOUNT:role/NAME', (value) =>
  /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/.test(value),
);
const NAME = string('a name', (value) => value.length > 0 && value.length <= 253);
const PORT: Shape<number | string> = (value, at, findings) => {
  const number = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535;
  const named = typeof value === 'string' && /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(value);
  return number || named
    ? value
    : fault(findings, at, 'a port from 1 to 65535 or the name of a port of the Service', value);
};

/** Rules of security groups are not made here (decision 18), so nothing in them can be wrong. */
const anything: Shape<unknown> = (value) => value;

const SPEC = record({
  targetGroupARN: GROUP_ARN,
  targetGroupName: string(
    'the name of a target group: 1 to 32 letters, digits and hyphens, no hyphen at an end',
    (value) => /^[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/.test(value),
  ),
  targetType: word('instance', 'ip'),
  targetGroupProtocol: word('HTTP', 'HTTPS', 'TCP', 'TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'),
  serviceRef: record({ name: NAME, port: PORT }),
  ipAddressType: word('ipv4', 'ipv6'),
  vpcID: string('the id of a VPC, vpc-0123abcd', (value) => /^vpc-[0-9a-z-]+$/.test(value)),
  nodeSelector: SELECTOR,
  multiClusterTargetGroup: truth,
  iamRoleArnToAssume: ROLE_ARN,
  assumeRoleExternalId: string('2 to 1224 of the characters of an external id', (value) =>
    /^[\w+=,.@:/-]{2,1224}$/.test(value),
  ),
  networking: record({ ingress: listOf(anything, 0, 1000) }),
});

type Read = NonNullable<ReturnType<typeof SPEC>>;

const specOf = (read: Read, findings: Findings): BindingSpec | undefined => {
  const group = groupOf(read, findings);
  const { name, port } = read.serviceRef ?? {};
  if (name === undefined) fault(findings, 'spec.serviceRef.name', 'the name of a Service');
  if (port === undefined) fault(findings, 'spec.serviceRef.port', 'a port of the Service');
  checkTogether(read, findings);
  if (!group || name === undefined || port === undefined) return undefined;
  const role = read.iamRoleArnToAssume;
  const externalId = read.assumeRoleExternalId;
  return {
    group,
    service: { name, port },
    ...(read.targetType && { targetType: read.targetType }),
    ...(read.targetGroupProtocol && { protocol: read.targetGroupProtocol }),
    ...(read.ipAddressType && { ipAddressType: read.ipAddressType }),
    ...(read.vpcID && { vpc: read.vpcID }),
    ...(read.nodeSelector && { nodeSelector: read.nodeSelector }),
    shared: read.multiClusterTargetGroup ?? false,
    ...(role !== undefined && { role: { arn: role, ...(externalId && { externalId }) } }),
    networking: (read.networking?.ingress ?? []).length > 0,
  };
};

const groupOf = (
  { targetGroupARN: arn, targetGroupName: name }: Read,
  findings: Findings,
): GroupRef | undefined => {
  if (arn === undefined)
    return name === undefined
      ? fault(findings, 'spec.targetGroupARN', 'an ARN here, or a name in spec.targetGroupName')
      : { name };
  // LBC writes the ARN beside a name it has looked up.
  if (name !== undefined && !arn.includes(`:targetgroup/${name}/`))
    return fault(findings, 'spec.targetGroupName', `the name in spec.targetGroupARN, or none`, name);
  return { arn: `arn:${arn.slice('arn:'.length)}` };
};

const checkTogether = (read: Read, findings: Findings): void => {
  if (read.nodeSelector && read.targetType === 'ip')
    fault(findings, 'spec.nodeSelector', 'none, because spec.targetType is ip');
  if (read.iamRoleArnToAssume !== undefined && read.targetType === 'instance')
    fault(
      findings,
      'spec.targetType',
      'ip, because spec.iamRoleArnToAssume names another account, which cannot register instances of this one',
      'instance',
    );
  if (read.assumeRoleExternalId !== undefined && read.iamRoleArnToAssume === undefined)
    fault(findings, 'spec.iamRoleArnToAssume', 'a role, because spec.assumeRoleExternalId is set');
};
