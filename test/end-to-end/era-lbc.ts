/**
 * What LBC v3.5 makes for an IngressGroup of HTTP and HTTPS, written down from its documentation and not from our
 * code: its calls, names, tags and order of rules.
 */

import { createHash } from 'node:crypto';
import { ACMClient, ImportCertificateCommand } from '@aws-sdk/client-acm';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { CERTIFICATE, PRIVATE_KEY } from '../contract/aws-certificate.ts';
import { CLUSTER, type World } from './world.ts';

export const GROUP = 'all';

/** One rule of LBC's, in the order of its priorities. */
export type LbcRule = {
  readonly ingress: string;
  readonly service: string;
  readonly host: string;
  readonly paths: readonly string[];
};

const clientsOf = ({ sdk }: World) => ({
  elb: new ElasticLoadBalancingV2Client(sdk),
  ec2: new EC2Client(sdk),
  acm: new ACMClient(sdk),
});

const hash = (...parts: readonly string[]): string =>
  createHash('sha256').update(parts.join('')).digest('hex').slice(0, 10);

const tagged = (resource: string) =>
  Object.entries({
    'elbv2.k8s.aws/cluster': CLUSTER,
    'ingress.k8s.aws/stack': GROUP,
    'ingress.k8s.aws/resource': resource,
  }).map(([Key, Value]) => ({ Key, Value }));

export const importCertificate = async (world: World): Promise<string> => {
  const [Certificate, PrivateKey] = [CERTIFICATE, PRIVATE_KEY].map((pem) => new TextEncoder().encode(pem));
  const { acm } = clientsOf(world);
  return (await acm.send(new ImportCertificateCommand({ Certificate, PrivateKey }))).CertificateArn ?? '';
};

/** The name LBC gives a target group of Ingresses in namespace `web`, with numbered ports and instance targets. */
export const groupName = (rule: LbcRule, uid: string, nodePort: number): string =>
  `k8s-web-${rule.service}-${hash(CLUSTER, GROUP, 'web', rule.ingress, uid, '80', `${nodePort}`, 'instance', 'HTTP', 'HTTP1')}`;

export const makeLbc = async (
  world: World,
  wish: {
    readonly rules: readonly LbcRule[];
    readonly certificate: string;
    /** UID and NodePort of each Service. */
    readonly services: ReadonlyMap<string, { readonly uid: string; readonly nodePort: number }>;
  },
): Promise<void> => {
  const { elb } = clientsOf(world);
  const SecurityGroups = await securityGroups(world);
  const { LoadBalancers } = await elb.send(
    new CreateLoadBalancerCommand({
      Name: `k8s-${GROUP}-${hash(CLUSTER, GROUP, 'internal')}`,
      Type: 'application',
      Scheme: 'internal',
      IpAddressType: 'ipv4',
      Subnets: ['subnet-1234', 'subnet-5678'],
      SecurityGroups,
      Tags: tagged('LoadBalancer'),
    }),
  );
  const groups = new Map<LbcRule, string>();
  for (const rule of wish.rules) {
    const same = wish.rules.find((it) => it.ingress === rule.ingress && it.service === rule.service) ?? rule;
    const { uid, nodePort } = wish.services.get(rule.service) ?? { uid: '', nodePort: 0 };
    groups.set(rule, groups.get(same) ?? (await targetGroup(world, rule, uid, nodePort)));
  }
  for (const port of [80, 443])
    await listen(elb, LoadBalancers?.[0]?.LoadBalancerArn ?? '', port, { ...wish, groups });
};

/** LBC counts the rules of a listener from 1, without gaps. */
const listen = async (
  elb: ElasticLoadBalancingV2Client,
  LoadBalancerArn: string,
  Port: number,
  wish: {
    readonly rules: readonly LbcRule[];
    readonly certificate: string;
    readonly groups: ReadonlyMap<LbcRule, string>;
  },
): Promise<void> => {
  const { Listeners } = await elb.send(
    new CreateListenerCommand({
      LoadBalancerArn,
      Port,
      Protocol: Port === 80 ? 'HTTP' : 'HTTPS',
      ...(Port === 443 && {
        Certificates: [{ CertificateArn: wish.certificate }],
        SslPolicy: 'ELBSecurityPolicy-2016-08',
      }),
      DefaultActions: [
        { Type: 'fixed-response', FixedResponseConfig: { ContentType: 'text/plain', StatusCode: '404' } },
      ],
      Tags: tagged(`${Port}`),
    }),
  );
  for (const [index, rule] of wish.rules.entries())
    await elb.send(
      new CreateRuleCommand({
        ListenerArn: Listeners?.[0]?.ListenerArn,
        Priority: index + 1,
        Conditions: [
          { Field: 'host-header', HostHeaderConfig: { Values: [rule.host] } },
          { Field: 'path-pattern', PathPatternConfig: { Values: [...rule.paths] } },
        ],
        Actions: [
          { Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: wish.groups.get(rule) }] } },
        ],
        Tags: tagged(`${Port}:${index + 1}`),
      }),
    );
};

/** The one in front, open on both ports, and the one that all load balancers of the cluster share. */
const securityGroups = async (world: World): Promise<string[]> => {
  const { ec2 } = clientsOf(world);
  const make = async (GroupName: string, Description: string, Tags: ReturnType<typeof tagged>) => {
    const TagSpecifications = [{ ResourceType: 'security-group' as const, Tags }];
    const input = { GroupName, Description, VpcId: 'vpc-1', TagSpecifications };
    return (await ec2.send(new CreateSecurityGroupCommand(input))).GroupId ?? '';
  };
  const front = await make(
    `k8s-${GROUP}-${hash(CLUSTER, GROUP)}`,
    '[k8s] Managed SecurityGroup for LoadBalancer',
    tagged('ManagedLBSecurityGroup'),
  );
  await ec2.send(
    new AuthorizeSecurityGroupIngressCommand({
      GroupId: front,
      IpPermissions: [80, 443].map((port) => ({
        IpProtocol: 'tcp',
        FromPort: port,
        ToPort: port,
        IpRanges: [{ CidrIp: '0.0.0.0/0', Description: '' }],
      })),
    }),
  );
  const shared = await make(
    `k8s-traffic-${CLUSTER}-${hash(CLUSTER)}`,
    '[k8s] Shared Backend SecurityGroup for LoadBalancer',
    [
      { Key: 'elbv2.k8s.aws/cluster', Value: CLUSTER },
      { Key: 'elbv2.k8s.aws/resource', Value: 'backend-sg' },
    ],
  );
  return [front, shared];
};

const targetGroup = async (world: World, rule: LbcRule, uid: string, nodePort: number): Promise<string> => {
  const { elb } = clientsOf(world);
  const { TargetGroups } = await elb.send(
    new CreateTargetGroupCommand({
      Name: groupName(rule, uid, nodePort),
      Port: nodePort,
      Protocol: 'HTTP',
      ProtocolVersion: 'HTTP1',
      TargetType: 'instance',
      IpAddressType: 'ipv4',
      VpcId: 'vpc-1',
      HealthCheckEnabled: true,
      HealthCheckPath: '/',
      HealthCheckPort: 'traffic-port',
      HealthCheckProtocol: 'HTTP',
      HealthCheckIntervalSeconds: 15,
      HealthCheckTimeoutSeconds: 5,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
      Matcher: { HttpCode: '200' },
      Tags: tagged(`web/${rule.ingress}-${rule.service}:80`),
    }),
  );
  const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? '';
  const workers = 'jsonpath={.items[*].spec.providerID}';
  const selector = '!node-role.kubernetes.io/control-plane';
  const ids = await world.kubectl(['get', 'nodes', '-l', selector, '-o', workers]);
  const Targets = ids.split(' ').map((id) => ({ Id: id.replace(/^.*\//, ''), Port: nodePort }));
  await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  return TargetGroupArn;
};
