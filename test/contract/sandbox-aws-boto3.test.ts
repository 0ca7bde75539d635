/** The sandbox's AWS through Python's boto3, where it is installed: another implementation of the same protocols. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { makeCertificate } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { makeWorld } from './sandbox-aws-world.ts';

const hasBoto3 = (): boolean => {
  try {
    execFileSync('python3', ['-c', 'import boto3'], { stdio: 'ignore', timeout: 60_000 });
    return true;
  } catch {
    return false;
  }
};

const SCRIPT = `
import boto3, json, os, sys
from botocore.config import Config
given = json.load(sys.stdin)
def client(name):
    return boto3.client(name, endpoint_url=given['url'], region_name='us-west-1', aws_access_key_id='a',
                        aws_secret_access_key='b', config=Config(retries={'max_attempts': 0}))
elb, ec2, r53, acm, sts = (client(n) for n in ('elbv2', 'ec2', 'route53', 'acm', 'sts'))
def refused(call):
    try:
        call()
    except Exception as error:
        return [type(error).__name__, error.response['Error']['Code'], error.response['Error']['Message']]
out = {'account': sts.get_caller_identity()['Account']}
out['subnets'] = [s['SubnetId'] for s in ec2.describe_subnets(Filters=[{'Name': 'tag:kubernetes.io/role/elb', 'Values': ['1']}])['Subnets']]
group = ec2.create_security_group(GroupName='py', Description='d', VpcId='vpc-1')['GroupId']
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{'IpProtocol': 'tcp', 'FromPort': 80, 'ToPort': 80, 'IpRanges': [{'CidrIp': '0.0.0.0/0'}]}])
balancer = elb.create_load_balancer(Name='py', Subnets=out['subnets'], SecurityGroups=[group])['LoadBalancers'][0]
target = elb.create_target_group(Name='py', Protocol='HTTP', Port=80, VpcId='vpc-1', TargetType='ip')['TargetGroups'][0]['TargetGroupArn']
elb.register_targets(TargetGroupArn=target, Targets=[{'Id': '127.64.0.9', 'Port': 8080}])
certificate = acm.import_certificate(Certificate=given['certificate'].encode(), PrivateKey=given['privateKey'].encode())['CertificateArn']
listener = elb.create_listener(LoadBalancerArn=balancer['LoadBalancerArn'], Protocol='HTTPS', Port=443, Certificates=[{'CertificateArn': certificate}],
                               DefaultActions=[{'Type': 'forward', 'TargetGroupArn': target}])['Listeners'][0]['ListenerArn']
elb.create_rule(ListenerArn=listener, Priority=5, Conditions=[{'Field': 'path-pattern', 'Values': ['/a*']}],
                Actions=[{'Type': 'redirect', 'RedirectConfig': {'Protocol': 'HTTPS', 'Host': 'b.example.com', 'StatusCode': 'HTTP_301'}}])
out['rules'] = [rule['Priority'] for rule in elb.describe_rules(ListenerArn=listener)['Rules']]
out['health'] = elb.describe_target_health(TargetGroupArn=target)['TargetHealthDescriptions'][0]['TargetHealth']['State']
elb.get_paginator('describe_load_balancers').paginate(PaginationConfig={'PageSize': 1}).build_full_result()
alias = {'Name': '*.example.com', 'Type': 'A', 'AliasTarget': {'HostedZoneId': balancer['CanonicalHostedZoneId'], 'DNSName': balancer['DNSName'], 'EvaluateTargetHealth': True}}
batch = {'Changes': [{'Action': 'CREATE', 'ResourceRecordSet': alias}]}
out['change'] = r53.change_resource_record_sets(HostedZoneId='ZEX', ChangeBatch=batch)['ChangeInfo']['Status']
records = r53.get_paginator('list_resource_record_sets').paginate(HostedZoneId='ZEX', PaginationConfig={'PageSize': 1}).build_full_result()
out['records'] = [record['Name'] for record in records['ResourceRecordSets']]
out['certificate'] = acm.describe_certificate(CertificateArn=certificate)['Certificate']['DomainName']
out['errors'] = [
    refused(lambda: elb.delete_target_group(TargetGroupArn=target)),
    refused(lambda: ec2.delete_security_group(GroupId=group)),
    refused(lambda: r53.change_resource_record_sets(HostedZoneId='ZEX', ChangeBatch=batch)),
    refused(lambda: r53.get_hosted_zone(Id='ZNONE')),
    refused(lambda: acm.delete_certificate(CertificateArn=certificate)),
    refused(lambda: elb.describe_target_groups(Names=['none'])),
]
print(json.dumps(out))
`;

describe('boto3', () => {
  const installed = hasBoto3();
  it('builds a load balancer with a record and sees AWS’s errors', {
    skip: installed ? false : 'python3 with boto3 is not installed',
  }, async () => {
    await using world = await makeWorld();
    const { certificate, privateKey } = makeCertificate({ names: ['py.example.com'] });
    const running = promisify(execFile)('python3', ['-c', SCRIPT], { timeout: 120_000 });
    running.child.stdin?.end(JSON.stringify({ url: world.aws.url, certificate, privateKey }));
    const { errors, ...out } = JSON.parse((await running).stdout) as Record<string, unknown> & {
      errors: [string, string, string][];
    };
    assert.deepEqual(out, {
      account: '123456789012',
      subnets: ['subnet-1234', 'subnet-5678'],
      rules: ['5', 'default'],
      health: 'initial',
      change: 'PENDING',
      records: ['example.com.', 'example.com.', '\\052.example.com.'],
      certificate: 'py.example.com',
    });
    assert.deepEqual(
      errors.map(([name, code]) => [name, code]),
      [
        ['ResourceInUseException', 'ResourceInUse'],
        ['ClientError', 'DependencyViolation'],
        ['InvalidChangeBatch', 'InvalidChangeBatch'],
        ['NoSuchHostedZone', 'NoSuchHostedZone'],
        ['ResourceInUseException', 'ResourceInUseException'],
        ['TargetGroupNotFoundException', 'TargetGroupNotFound'],
      ],
    );
    assert.match(
      errors[2]?.[2] ?? '',
      /^\[Tried to create resource record set \[name='\\052\.example\.com\.'/,
    );
  });
});
