/**
 * Chance against the wire: random inputs and outputs of every operation served, every modelled error, and mangled
 * requests. `npm run fuzz:aws` is the long form; FUZZ_SEEDS and FUZZ_REQUESTS set its size.
 */
import assert from 'node:assert/strict';
import { Agent, request } from 'node:http';
import { describe, it } from 'node:test';
import { NormalizedSchema } from '@smithy/core/schema';
import type { Service } from '../../src/sandbox/aws/wire/operation.ts';
import { type ErrorSchema, refuse, type SchemaReference } from '../../src/sandbox/aws/wire/refusal.ts';
import { plain, services, serving } from './sandbox-aws-echo.ts';
import { type Random, randomly, randomValue } from './sandbox-aws-random.ts';
import { clientOf, commandOf, SDKS } from './sandbox-aws-sdks.ts';
import { makeWorld } from './sandbox-aws-world.ts';

const SEEDS = Number(process.env.FUZZ_SEEDS ?? 1);
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 2000);

/** An empty list cannot be said in a form of EC2. */
const least = (service: Service): 0 | 1 => (service.protocol === 'ec2' ? 1 : 0);

const shapeOf = (schema: SchemaReference | undefined): Readonly<Record<string, unknown>> => {
  const shape = NormalizedSchema.of(schema ?? 'unit');
  return shape.isStructSchema() ? Object.fromEntries(shape.structIterator()) : {};
};

describe('random round trips', () => {
  for (const service of services) {
    const name = service.signingName;
    const operations = Object.keys(service.operations);
    it(`${name}: ${operations.length} operations, ${SEEDS} seeds`, async () => {
      let output: unknown;
      let received: unknown;
      const endpoint = await serving(service, (input) => {
        received = input;
        return Promise.resolve(output);
      });
      const client = clientOf(name, endpoint.port);
      const trip = async (operation: string, random: Random, title: string): Promise<void> => {
        const schema = service.operations[operation]?.schema;
        const input = randomValue(NormalizedSchema.of(schema?.[4] ?? 'unit'), random, least(service));
        /** A client makes up a token of its own where there is none. */
        if ('ClientToken' in shapeOf(schema?.[4])) Object.assign(input as object, { ClientToken: 'token' });
        output = randomValue(NormalizedSchema.of(schema?.[5] ?? 'unit'), random, 0);
        const reply = await client.send(commandOf(name, operation, input));
        assert.deepEqual(plain(received), plain(input), `${title}: input`);
        assert.deepEqual(plain(reply), plain(output), `${title}: output`);
      };
      try {
        for (let seed = 1; seed <= SEEDS; seed += 1) {
          const random = randomly(20_260_100 + seed);
          for (const operation of operations)
            for (let round = 0; round < 4; round += 1)
              await trip(operation, random, `${operation}, seed ${seed}`);
        }
      } finally {
        client.destroy();
        await endpoint.stop();
      }
    });
  }
});

/** Error schemas of an SDK package; EC2 models none. */
const errorsOf = (service: string) =>
  Object.entries(SDKS[service]?.exports ?? {}).filter(
    ([name, value]) =>
      name.endsWith('$') && Array.isArray(value) && value[0] === -3 && !name.endsWith('ServiceException$'),
  );

describe('modelled errors', () => {
  for (const service of services.filter(({ signingName }) => signingName !== 'ec2')) {
    const name = service.signingName;
    it(`${name}: each of ${errorsOf(name).length} comes back as its own class`, async () => {
      let error: unknown;
      const endpoint = await serving(service, () => Promise.reject(error));
      const client = clientOf(name, endpoint.port);
      const [operation = ''] = Object.keys(service.operations);
      const schema = service.operations[operation]?.schema[4];
      const input = randomValue(NormalizedSchema.of(schema ?? 'unit'), randomly(1), 1);
      assert.ok(errorsOf(name).length > 4);
      try {
        for (const [exported, errorSchema] of errorsOf(name)) {
          error = refuse(errorSchema as ErrorSchema, 'because <it> & so');
          const thrown = await client
            .send(commandOf(name, operation, input))
            .catch((caught: unknown) => caught);
          const expected = SDKS[name]?.exports[exported.slice(0, -1)] as new () => Error;
          assert.ok(thrown instanceof expected, `${exported}: ${String(thrown)}`);
          assert.match(thrown.message, /because <it> & so/);
        }
      } finally {
        client.destroy();
        await endpoint.stop();
      }
    });
  }
});

type Raw = { readonly path: string; readonly headers: Record<string, string>; readonly body: string };

const FORMS = [
  'Action=CreateRule&ListenerArn=x&Priority=1&Conditions.member.1.Field=path-pattern&Version=2015-12-01',
  'Action=RunInstances&MinCount=1&MaxCount=1&SubnetId=subnet-1234&ImageId=ami-1&SecurityGroupId.1=sg-1234',
  'Action=CreateLoadBalancer&Name=a&Subnets.member.1=subnet-1234&Subnets.member.2=subnet-5678&Tags.member.1.Key=k',
  'Action=AuthorizeSecurityGroupIngress&GroupId=sg-1234&IpPermissions.1.IpProtocol=tcp&IpPermissions.1.FromPort=1',
  'Action=UploadServerCertificate&ServerCertificateName=a&CertificateBody=b&PrivateKey=c',
];
const XML =
  '<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>CREATE</Action><ResourceRecordSet><Name>a.example.com</Name><Type>A</Type><TTL>1</TTL></ResourceRecordSet></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>';
const JSONS: readonly (readonly [service: string, target: string, body: string])[] = [
  ['acm', 'CertificateManager.AddTagsToCertificate', '{"CertificateArn":"x","Tags":[{"Key":"a"}]}'],
  ['wafv2', 'AWSWAF_20190729.AssociateWebACL', '{"WebACLArn":"arn:x","ResourceArn":"arn:y"}'],
  [
    'tagging',
    'ResourceGroupsTaggingAPI_20170126.GetResources',
    '{"TagFilters":[{"Key":"a","Values":["b"]}]}',
  ],
  ['shield', 'AWSShield_20160616.CreateProtection', '{"Name":"a","ResourceArn":"arn:x"}'],
];
const NOISE = ['<', '&', '.', '%', '{', '"', ']]>', '\u0000', 'é', '%zz', '999999999999', '=', ''];

const oneOf = <T>(random: Random, choices: readonly T[]): T => choices[random.below(choices.length)] as T;

const mangle = (random: Random, text: string): string => {
  let mangled = text;
  for (let times = random.below(4); times >= 0; times -= 1) {
    const at = random.below(mangled.length + 1);
    mangled = mangled.slice(0, at) + oneOf(random, NOISE) + mangled.slice(at + random.below(4));
  }
  return random.below(8) === 0 ? mangled.slice(0, random.below(mangled.length + 1)) : mangled;
};

const authorization = (random: Random, service: string): string => {
  const whole = `AWS4-HMAC-SHA256 Credential=AK/20260101/us-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  return random.below(20) === 0 ? mangle(random, whole).replace(/[^ -~]/g, '?') : whole;
};

const rawRequest = (random: Random): Raw => {
  const kind = random.below(3);
  if (kind === 0) {
    const service = oneOf(random, ['elasticloadbalancing', 'ec2', 'iam', 'sts']);
    return {
      path: '/',
      headers: { authorization: authorization(random, service) },
      body: mangle(random, oneOf(random, FORMS)),
    };
  }
  if (kind === 1) {
    const zone = oneOf(random, ['ZEX', 'ZNONE', '%2e', '..', 'Z%00']);
    return {
      path: `/2013-04-01/hostedzone/${zone}/rrset/`,
      headers: { authorization: authorization(random, 'route53') },
      body: mangle(random, XML),
    };
  }
  const [service, target, body] = oneOf(random, JSONS);
  return {
    path: '/',
    headers: {
      authorization: authorization(random, service),
      'x-amz-target': random.below(10) === 0 ? `${target}X` : target,
    },
    body: mangle(random, body),
  };
};

type Reply = { readonly status: number; readonly body: string };

const send = (agent: Agent, port: number, { path, headers, body }: Raw): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, agent, method: 'POST', path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });

describe('mangled requests', () => {
  it(`${REQUESTS} of them get AWS's errors, and crash nothing`, async () => {
    await using world = await makeWorld({ journalLimit: 100 });
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    const random = randomly(7);
    const statuses = new Map<number, number>();
    const one = async (): Promise<void> => {
      const raw = rawRequest(random);
      const { status, body } = await send(agent, world.aws.port, raw);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const shaped = /<Code>\w[\w.]*<\/Code>|"__type":"\w+"/.test(body);
      assert.ok(
        status === 200 || (status >= 400 && status < 500 && shaped),
        `${status} ${body}\n${JSON.stringify(raw)}`,
      );
    };
    for (let done = 0; done < REQUESTS; done += 20) await Promise.all(Array.from({ length: 20 }, one));
    agent.destroy();
    assert.ok((statuses.get(400) ?? 0) > REQUESTS / 2, 'most are refused');
    await world.balancer();
  });

  it('2 MB bodies are answered, broken or not', async () => {
    await using world = await makeWorld();
    const agent = new Agent();
    const long = 'y'.repeat(2 << 20);
    const headers = (service: string) => ({ authorization: authorization(randomly(3), service) });
    const asked: readonly Raw[] = [
      {
        path: '/',
        headers: headers('ec2'),
        body: `Action=DescribeVpcs&Filter.1.Name=vpc-id&Filter.1.Value.1=${long}`,
      },
      { path: '/', headers: headers('elasticloadbalancing'), body: `Action=DescribeTags&${long}=1` },
      { path: '/', headers: headers('elasticloadbalancing'), body: `Action=${long}` },
      { path: '/2013-04-01/hostedzone/ZEX/rrset', headers: headers('route53'), body: `<${long}` },
      { path: '/2013-04-01/hostedzone/ZEX/rrset', headers: headers('route53'), body: '<a>'.repeat(700_000) },
      {
        path: '/',
        headers: { ...headers('acm'), 'x-amz-target': 'CertificateManager.ListCertificates' },
        body: '['.repeat(2 << 20),
      },
    ];
    const statuses: number[] = [];
    for (const raw of asked) statuses.push((await send(agent, world.aws.port, raw)).status);
    assert.deepEqual(statuses, [400, 400, 400, 400, 400, 400]);
    agent.destroy();
  });

  it('a request that ends in its middle harms nobody else', async () => {
    await using world = await makeWorld();
    for (let i = 0; i < 20; i += 1) {
      const sent = request({
        host: '127.0.0.1',
        port: world.aws.port,
        method: 'POST',
        headers: { authorization: authorization(randomly(1), 'ec2'), 'content-length': '1000' },
      });
      sent.on('error', () => undefined);
      sent.write('Action=DescribeVpcs');
      await new Promise((resolve) => setImmediate(resolve));
      sent.destroy();
    }
    await world.balancer();
  });
});
