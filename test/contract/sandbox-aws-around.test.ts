/** The services around load balancers, where they succeed: requested certificates, IAM's, tags, WAF, networks by hand. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DescribeCertificateCommand, RequestCertificateCommand } from '@aws-sdk/client-acm';
import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  AuthorizeSecurityGroupIngressCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeManagedPrefixListsCommand,
  DescribeSubnetsCommand,
  RunInstancesCommand,
} from '@aws-sdk/client-ec2';
import { DeleteLoadBalancerCommand, RegisterTargetsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { IAMClient, UploadServerCertificateCommand } from '@aws-sdk/client-iam';
import {
  GetResourcesCommand,
  ResourceGroupsTaggingAPIClient,
} from '@aws-sdk/client-resource-groups-tagging-api';
import {
  AssociateWebACLCommand,
  CreateWebACLCommand,
  GetWebACLForResourceCommand,
  WAFV2Client,
} from '@aws-sdk/client-wafv2';
import { makeCertificate } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { blocksOverlap } from '../../src/sandbox/aws/ec2/addresses.ts';
import { fixturesAt } from '../../src/sandbox/aws/fixtures.ts';
import { makeWorld, refused, secure } from './sandbox-aws-world.ts';

describe('a requested certificate', () => {
  it('is issued when its record stands in Route 53, and serves then', async () => {
    await using world = await makeWorld({ speed: 0.001 });
    const { CertificateArn = '' } = await world.acm.send(
      new RequestCertificateCommand({
        DomainName: 'shop.example.com',
        SubjectAlternativeNames: ['*.shop.example.com'],
        ValidationMethod: 'DNS',
      }),
    );
    const look = async () =>
      (await world.acm.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate;
    const pending = await look();
    assert.equal(pending?.Status, 'PENDING_VALIDATION');
    await refused(secure(world, CertificateArn), 'UnsupportedCertificate', /not issued/);
    const records = (pending?.DomainValidationOptions ?? []).map(({ ResourceRecord }) => ResourceRecord);
    const [record, again] = records;
    assert.deepEqual(record, again, 'a wildcard is proven with the name it stands under');
    await world.change('ZEX', {
      Action: 'UPSERT',
      ResourceRecordSet: {
        Name: record?.Name,
        Type: 'CNAME',
        TTL: 60,
        ResourceRecords: [{ Value: record?.Value }],
      },
    });
    assert.equal((await look())?.Status, 'PENDING_VALIDATION');
    world.aws.clock.advance(60_000);
    const issued = await look();
    assert.deepEqual(
      [
        issued?.Status,
        issued?.Type,
        issued?.KeyAlgorithm,
        issued?.DomainValidationOptions?.[0]?.ValidationStatus,
      ],
      ['ISSUED', 'AMAZON_ISSUED', 'RSA_2048', 'SUCCESS'],
    );
    await secure(world, CertificateArn);
  });
});

describe('around a load balancer', () => {
  it('a server certificate of IAM serves a listener', async () => {
    await using world = await makeWorld();
    const { certificate, privateKey } = makeCertificate({ names: ['shop.example.com'] });
    const iam = world.use((settings) => new IAMClient(settings));
    const { ServerCertificateMetadata } = await iam.send(
      new UploadServerCertificateCommand({
        ServerCertificateName: 'shop',
        CertificateBody: certificate,
        PrivateKey: privateKey,
      }),
    );
    const { Listeners } = await secure(world, ServerCertificateMetadata?.Arn ?? '');
    assert.equal(Listeners?.[0]?.Certificates?.[0]?.CertificateArn, ServerCertificateMetadata?.Arn);
  });

  it('GetResources finds it by its tags and kind', async () => {
    await using world = await makeWorld();
    const arn = await world.balancer({ Tags: [{ Key: 'team', Value: 'shop' }] });
    await world.group({ Tags: [{ Key: 'team', Value: 'shop' }] });
    const tagging = world.use((settings) => new ResourceGroupsTaggingAPIClient(settings));
    const { ResourceTagMappingList } = await tagging.send(
      new GetResourcesCommand({
        TagFilters: [{ Key: 'team', Values: ['shop', 'other'] }],
        ResourceTypeFilters: ['elasticloadbalancing:loadbalancer'],
      }),
    );
    assert.deepEqual(ResourceTagMappingList, [{ ResourceARN: arn, Tags: [{ Key: 'team', Value: 'shop' }] }]);
  });

  it('WAF tells its web ACL, and forgets it when the load balancer is gone', async () => {
    await using world = await makeWorld();
    const ResourceArn = await world.balancer();
    world.aws.clock.advance(300_000);
    const waf = world.use((settings) => new WAFV2Client(settings));
    const { Summary } = await waf.send(
      new CreateWebACLCommand({
        Name: 'acl',
        Scope: 'REGIONAL',
        DefaultAction: { Allow: {} },
        VisibilityConfig: { SampledRequestsEnabled: false, CloudWatchMetricsEnabled: false, MetricName: 'm' },
      }),
    );
    await waf.send(new AssociateWebACLCommand({ WebACLArn: Summary?.ARN, ResourceArn }));
    const { WebACL } = await waf.send(new GetWebACLForResourceCommand({ ResourceArn }));
    assert.deepEqual([WebACL?.Name, world.aws.state.webAclOf.get(ResourceArn)], ['acl', Summary?.ARN]);
    await world.elb.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: ResourceArn }));
    assert.equal(world.aws.state.webAclOf.size, 0);
  });
});

describe('a network by hand', () => {
  it('takes a load balancer and instances', async () => {
    await using world = await makeWorld();
    const { ec2, elb } = world;
    const VpcId = (await ec2.send(new CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))).Vpc?.VpcId ?? '';
    const Subnets: string[] = [];
    for (const [index, zone] of ['a', 'b'].entries()) {
      const { Subnet } = await ec2.send(
        new CreateSubnetCommand({
          VpcId,
          CidrBlock: `10.0.${index}.0/24`,
          AvailabilityZone: `us-west-1${zone}`,
        }),
      );
      Subnets.push(Subnet?.SubnetId ?? '');
    }
    const given = { Subnets, SecurityGroups: undefined as never };
    await refused(world.balancer(given), 'InvalidSubnetException', /internet gateway/);
    const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
    const InternetGatewayId = InternetGateway?.InternetGatewayId ?? '';
    await ec2.send(new AttachInternetGatewayCommand({ InternetGatewayId, VpcId }));
    const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
    const RouteTableId = RouteTable?.RouteTableId ?? '';
    await ec2.send(
      new CreateRouteCommand({
        RouteTableId,
        DestinationCidrBlock: '0.0.0.0/0',
        GatewayId: InternetGatewayId,
      }),
    );
    for (const SubnetId of Subnets)
      await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
    await world.balancer(given);
    const { Instances } = await ec2.send(
      new RunInstancesCommand({ ImageId: 'ami-1', MinCount: 2, MaxCount: 2, SubnetId: Subnets[0] }),
    );
    assert.deepEqual(
      Instances?.map(({ PrivateIpAddress, State }) => [PrivateIpAddress, State?.Name]),
      [
        ['10.0.0.4', 'running'],
        ['10.0.0.5', 'running'],
      ],
    );
    const TargetGroupArn = await world.group({ VpcId, TargetType: 'instance' });
    const Targets = (Instances ?? []).map(({ InstanceId }) => ({ Id: InstanceId }));
    await elb.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
    assert.equal(world.aws.state.targetGroups.get(TargetGroupArn)?.targets.size, 2);
  });

  it('rules may name the prefix lists of AWS', async () => {
    await using world = await makeWorld();
    const { PrefixLists } = await world.ec2.send(
      new DescribeManagedPrefixListsCommand({
        Filters: [{ Name: 'prefix-list-name', Values: ['com.amazonaws.global.cloudfront*'] }],
      }),
    );
    const PrefixListId = PrefixLists?.[0]?.PrefixListId;
    await world.ec2.send(
      new AuthorizeSecurityGroupIngressCommand({
        GroupId: 'sg-1234',
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, PrefixListIds: [{ PrefixListId }] }],
      }),
    );
  });

  it('the subnets of the fixtures keep clear of the addresses of load balancers and of each other', async () => {
    for (const prefix of ['127.64', '127.67', '127.126']) {
      await using world = await makeWorld({ fixtures: fixturesAt(prefix) });
      const { Subnets = [] } = await world.ec2.send(new DescribeSubnetsCommand({}));
      const blocks = Subnets.map(({ CidrBlock = '' }) => CidrBlock);
      assert.equal(blocks.length, 3);
      for (const [index, block] of blocks.entries()) {
        assert.ok(!blocksOverlap(block, '127.65.0.0/16'), block);
        assert.ok(blocksOverlap(block, '127.64.0.0/10'), block);
        for (const other of blocks.slice(index + 1))
          assert.ok(!blocksOverlap(block, other), `${block} ${other}`);
      }
      assert.ok(blocks.some((block) => blocksOverlap(block, `${prefix}.0.11/32`)));
    }
  });
});
