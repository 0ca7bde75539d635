/** A load balancer built, used and torn down by hand, with AWS's own command line where it is installed. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';
import { ProxyAgent, request } from 'undici';
import { environmentOf, startCloud } from '../../src/sandbox/cloud.ts';
import { temporaryFolder } from './temporary-folder.ts';

const version = (): string | undefined => {
  try {
    return execFileSync('aws', ['--version'], { encoding: 'utf8', timeout: 60_000 }).trim();
  } catch {
    return undefined;
  }
};

const installed = version();

it('a load balancer by hand', {
  skip: installed === undefined ? 'the aws command is not installed' : false,
}, async (t) => {
  t.diagnostic(installed ?? '');
  const dir = temporaryFolder('aws-cli-');
  const cloud = await startCloud({ dir, region: 'us-west-1', speed: 300, log: () => undefined });
  const prefix = readFileSync(join(dir, 'network'), 'utf8').trim();
  const backend = createServer((_request, response) => response.end('hello by hand'));
  backend.listen(8080, `${prefix}.7.7`);
  await once(backend, 'listening');
  const proxy = new ProxyAgent(cloud.proxyUrl);
  /** Runs a command and gives what `query` picks out of its reply. */
  const aws = async (command: string, query?: string): Promise<string> => {
    const args = ['--endpoint-url', cloud.aws.url, '--no-cli-pager', '--output', 'text'].filter(
      (arg) => arg !== '--no-cli-pager' || installed?.startsWith('aws-cli/2'),
    );
    const env = { ...process.env, ...environmentOf(cloud.aws), AWS_EC2_METADATA_DISABLED: 'true' };
    const words = [...args, ...(query === undefined ? [] : ['--query', query]), ...command.split(' ')];
    return (await promisify(execFile)('aws', words, { env, timeout: 60_000 })).stdout.trim();
  };
  try {
    const group = await aws(
      'ec2 create-security-group --group-name cli --description cli --vpc-id vpc-1',
      'GroupId',
    );
    await aws(
      `ec2 authorize-security-group-ingress --group-id ${group} --protocol tcp --port 80 --cidr 0.0.0.0/0`,
    );
    const [balancer = '', dnsName = '', zone = ''] = (
      await aws(
        `elbv2 create-load-balancer --name cli --subnets subnet-1234 subnet-5678 --security-groups ${group}`,
        'LoadBalancers[0].[LoadBalancerArn,DNSName,CanonicalHostedZoneId]',
      )
    ).split(/\s+/);
    const targets = await aws(
      'elbv2 create-target-group --name cli --protocol HTTP --port 8080 --vpc-id vpc-1 --target-type ip --health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2',
      'TargetGroups[0].TargetGroupArn',
    );
    await aws(`elbv2 register-targets --target-group-arn ${targets} --targets Id=${prefix}.7.7,Port=8080`);
    const listener = await aws(
      `elbv2 create-listener --load-balancer-arn ${balancer} --protocol HTTP --port 80 --default-actions Type=fixed-response,FixedResponseConfig={StatusCode=404}`,
      'Listeners[0].ListenerArn',
    );
    await aws(
      `elbv2 create-rule --listener-arn ${listener} --priority 1 --conditions Field=path-pattern,Values=/hello* --actions Type=forward,TargetGroupArn=${targets}`,
    );
    await aws(`elbv2 wait load-balancer-available --load-balancer-arns ${balancer}`);
    await aws(`elbv2 wait target-in-service --target-group-arn ${targets}`);
    const change = (Action: string): string =>
      JSON.stringify({
        Changes: [
          {
            Action,
            ResourceRecordSet: {
              Name: 'cli.example.com',
              Type: 'A',
              AliasTarget: { HostedZoneId: zone, DNSName: dnsName, EvaluateTargetHealth: false },
            },
          },
        ],
      });
    const changed = await aws(
      `route53 change-resource-record-sets --hosted-zone-id ZEX --change-batch ${change('CREATE')}`,
      'ChangeInfo.Id',
    );
    assert.match(changed, /^\/change\//);

    const get = async (path: string): Promise<readonly [number, string]> => {
      const { statusCode, body } = await request(`http://cli.example.com${path}`, { dispatcher: proxy });
      return [statusCode, await body.text()];
    };
    assert.deepEqual(await get('/hello'), [200, 'hello by hand']);
    assert.equal((await get('/other'))[0], 404);

    await aws(`route53 change-resource-record-sets --hosted-zone-id ZEX --change-batch ${change('DELETE')}`);
    await assert.rejects(aws(`elbv2 delete-target-group --target-group-arn ${targets}`), /ResourceInUse/);
    await aws(`elbv2 delete-load-balancer --load-balancer-arn ${balancer}`);
    await aws(`elbv2 delete-target-group --target-group-arn ${targets}`);
    cloud.aws.clock.advance(60_000);
    await aws(`ec2 delete-security-group --group-id ${group}`);
    const { loadBalancers, targetGroups, listeners, rules } = cloud.aws.state;
    assert.deepEqual(
      [loadBalancers, targetGroups, listeners, rules].map(({ size }) => size),
      [0, 0, 0, 0],
    );
  } finally {
    await proxy.close();
    backend.close();
    backend.closeAllConnections();
    await cloud.stop();
    rmSync(dir, { recursive: true, force: true });
  }
});
