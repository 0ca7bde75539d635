/** The wire: routing, malformed requests, modelled errors, and random inputs and outputs of every operation served. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as acm from '@aws-sdk/client-acm';
import * as ec2 from '@aws-sdk/client-ec2';
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2';
import * as r53 from '@aws-sdk/client-route-53';
import { NormalizedSchema } from '@smithy/core/schema';
import { emptyAccount } from '../../src/sandbox/aws/account.ts';
import { makeClock } from '../../src/sandbox/aws/clock.ts';
import { FACTS } from '../../src/sandbox/aws/facts.ts';
import { servicesOf } from '../../src/sandbox/aws/server.ts';
import { listen } from '../../src/sandbox/aws/wire/endpoint.ts';
import type { Service } from '../../src/sandbox/aws/wire/operation.ts';
import { type ErrorSchema, refuse } from '../../src/sandbox/aws/wire/refusal.ts';
import { randomly, randomValue } from './sandbox-aws-random.ts';
import { makeWorld } from './sandbox-aws-world.ts';

const SERVICES = servicesOf(
  emptyAccount({ id: '123456789012', region: 'us-west-1', facts: FACTS, clock: makeClock(1) }),
);
const SDKS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  elasticloadbalancing: elb,
  ec2,
  route53: r53,
  acm,
};

type Client = { send(command: unknown): Promise<Record<string, unknown>>; destroy(): void };

const clientOf = (service: Service, port: number): Client => {
  const settings = {
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
  };
  const clients: Readonly<Record<string, () => unknown>> = {
    elasticloadbalancing: () => new elb.ElasticLoadBalancingV2Client(settings),
    ec2: () => new ec2.EC2Client(settings),
    route53: () => new r53.Route53Client(settings),
    acm: () => new acm.ACMClient(settings),
  };
  return clients[service.signingName]?.() as Client;
};

const commandOf = (service: Service, operation: string, input: unknown): unknown => {
  const Command = SDKS[service.signingName]?.[`${operation}Command`] as new (input: unknown) => unknown;
  return new Command(input);
};

/** Values in a form that can be compared: no absent members, no response metadata, bytes and dates as text. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, item]) => item !== undefined && key !== '$metadata')
      .map(([key, item]) => [key, plain(item)])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
  );
};

describe('random round trips', () => {
  for (const service of SERVICES.filter(({ signingName }) => SDKS[signingName] !== undefined)) {
    const operations = Object.keys(service.operations);
    it(`${service.signingName}: ${operations.length} operations, inputs and outputs`, async () => {
      let output: unknown;
      let received: unknown;
      const endpoint = await listen({
        port: 0,
        region: 'us-west-1',
        services: [service],
        perform: (call) => {
          received = call.input;
          return Promise.resolve(output);
        },
      });
      const client = clientOf(service, endpoint.port);
      const random = randomly(20_260_101);
      try {
        for (const operation of operations) {
          const schema = service.operations[operation]?.schema;
          for (let round = 0; round < 4; round += 1) {
            const input = randomValue(
              NormalizedSchema.of(schema?.[4] ?? 'unit'),
              random,
              service.protocol === 'ec2' ? 1 : 0,
            );
            output = randomValue(NormalizedSchema.of(schema?.[5] ?? 'unit'), random, 0);
            const reply = await client.send(commandOf(service, operation, input));
            assert.deepEqual(plain(received), plain(input), `${operation}: input`);
            assert.deepEqual(plain(reply), plain(output), `${operation}: output`);
          }
        }
      } finally {
        client.destroy();
        await endpoint.stop();
      }
    });
  }
});

describe('modelled errors', () => {
  for (const service of SERVICES.filter(({ signingName }) =>
    ['elasticloadbalancing', 'route53', 'acm'].includes(signingName),
  )) {
    it(`${service.signingName}: each comes back as its own class`, async () => {
      let error: unknown;
      const endpoint = await listen({
        port: 0,
        region: 'us-west-1',
        services: [service],
        perform: () => Promise.reject(error),
      });
      const client = clientOf(service, endpoint.port);
      const [operation = ''] = Object.keys(service.operations).filter(
        (name) => name.startsWith('Describe') || name === 'ListHostedZones',
      );
      const sdk = SDKS[service.signingName] ?? {};
      const schemas = Object.entries(sdk).filter(
        ([name, value]) =>
          name.endsWith('$') &&
          Array.isArray(value) &&
          value[0] === -3 &&
          !name.endsWith('ServiceException$'),
      );
      assert.ok(schemas.length > 10);
      const input = randomValue(
        NormalizedSchema.of(service.operations[operation]?.schema[4] ?? 'unit'),
        randomly(1),
        1,
      );
      try {
        for (const [name, schema] of schemas) {
          error = refuse(schema as ErrorSchema, 'because <it> & so');
          const thrown = await client
            .send(commandOf(service, operation, input))
            .catch((caught: unknown) => caught);
          const expected = sdk[name.slice(0, -1)] as new () => Error;
          assert.ok(thrown instanceof expected, `${name}: ${String(thrown)}`);
          assert.match(thrown.message, /because <it> & so/);
        }
      } finally {
        client.destroy();
        await endpoint.stop();
      }
    });
  }
});

const scope = (service: string, region = 'us-west-1') => ({
  authorization: `AWS4-HMAC-SHA256 Credential=AK/20260101/${region}/${service}/aws4_request, SignedHeaders=host, Signature=0`,
});
const form = { 'content-type': 'application/x-www-form-urlencoded' };

describe('requests as they come', () => {
  const ask = async (path: string, init: RequestInit): Promise<readonly [status: number, body: string]> => {
    await using world = await makeWorld();
    const reply = await fetch(`${world.aws.url}${path}`, init);
    return [reply.status, await reply.text()];
  };
  const query = (service: string, body: string, region?: string) =>
    ask('/', { method: 'POST', headers: { ...form, ...scope(service, region) }, body });
  const xml = (body: string) =>
    ask('/2013-04-01/hostedzone/ZEX/rrset', { method: 'POST', headers: scope('route53'), body });

  const rows: readonly (readonly [
    row: string,
    answer: () => Promise<readonly [number, string]>,
    status: number,
    text: RegExp,
  ])[] = [
    [
      'an operation that does not exist',
      () => query('elasticloadbalancing', 'Action=Fly&Version=2015-12-01'),
      400,
      /<Code>InvalidAction<\/Code>.*Fly/,
    ],
    [
      'the same for EC2, in its shape',
      () => query('ec2', 'Action=Fly&Version=2016-11-15'),
      400,
      /<Response><Errors><Error><Code>InvalidAction<\/Code>.*Fly/s,
    ],
    [
      'a REST path that does not exist',
      () => ask('/2013-04-01/healthcheck', { headers: scope('route53') }),
      400,
      /<Code>InvalidAction<\/Code>.*healthcheck/,
    ],
    [
      'a JSON operation that does not exist',
      () =>
        ask('/', {
          method: 'POST',
          headers: { ...scope('acm'), 'x-amz-target': 'CertificateManager.Fly' },
          body: '{}',
        }),
      400,
      /"__type":"UnknownOperationException".*Fly/,
    ],
    [
      'a service that is not served',
      () => query('sqs', 'Action=SendMessage'),
      400,
      /does not serve the AWS service 'sqs' \(operation SendMessage\)/,
    ],
    [
      'a JSON service that is not served',
      () =>
        ask('/', {
          method: 'POST',
          headers: { ...scope('wafv2'), 'x-amz-target': 'AWSWAF_20190729.GetWebACL' },
          body: '{}',
        }),
      400,
      /"__type":"UnknownOperationException".*GetWebACL/,
    ],
    [
      'no signature',
      () => ask('/', { method: 'POST', headers: form, body: 'Action=DescribeVpcs&Version=2016-11-15' }),
      403,
      /MissingAuthenticationToken/,
    ],
    [
      'no signature for STS',
      () => ask('/?Action=GetCallerIdentity&Version=2011-06-15', {}),
      200,
      /<Account>123456789012<\/Account>/,
    ],
    [
      'the signature of another Region',
      () => query('ec2', 'Action=DescribeVpcs', 'eu-west-1'),
      403,
      /SignatureDoesNotMatch.*AWS_REGION=us-west-1/s,
    ],
    [
      'any Region for Route 53',
      () => ask('/2013-04-01/hostedzone', { headers: scope('route53', 'eu-west-1') }),
      200,
      /ListHostedZonesResponse/,
    ],
    ['no operation', () => query('ec2', 'Version=2016-11-15'), 400, /MissingAction/],
    [
      'an unknown parameter',
      () => query('ec2', 'Action=DescribeVpcs&VpcName=x'),
      400,
      /<Code>UnknownParameter<\/Code>.*VpcName/,
    ],
    [
      'an unknown member inside',
      () => query('elasticloadbalancing', 'Action=AddTags&ResourceArns.member.1=x&Tags.member.1.Name=x'),
      400,
      /ValidationError.*Tags\.member\.1\.Name/,
    ],
    [
      'a number that is none',
      () => query('elasticloadbalancing', 'Action=DescribeLoadBalancers&PageSize=many'),
      400,
      /<Code>MalformedInput<\/Code>.*PageSize/,
    ],
    [
      'a list index that is none',
      () => query('ec2', 'Action=DescribeVpcs&VpcId.first=x'),
      400,
      /InvalidParameterValue.*VpcId\.first/,
    ],
    [
      'a key of a hundred levels',
      () => query('ec2', `Action=DescribeVpcs&${'a.'.repeat(100)}b=x`),
      400,
      /InvalidParameterValue/,
    ],
    [
      'a required member that is missing',
      () => query('elasticloadbalancing', 'Action=DeleteLoadBalancer'),
      400,
      /ValidationError.*&apos;loadBalancerArn&apos;|'loadBalancerArn'/,
    ],
    ['XML that is cut off', () => xml('<ChangeResourceRecordSetsRequest><ChangeBatch>'), 400, /InvalidInput/],
    [
      'XML with a document type',
      () => xml('<!DOCTYPE a [<!ENTITY x "y">]><ChangeResourceRecordSetsRequest/>'),
      400,
      /InvalidInput/,
    ],
    ['XML of another operation', () => xml('<CreateHostedZoneRequest/>'), 400, /InvalidInput.*root element/],
    [
      'XML with an unknown element',
      () => xml('<ChangeResourceRecordSetsRequest><Batch/></ChangeResourceRecordSetsRequest>'),
      400,
      /InvalidInput.*Batch/,
    ],
    [
      'JSON that is none',
      () =>
        ask('/', {
          method: 'POST',
          headers: { ...scope('acm'), 'x-amz-target': 'CertificateManager.ListCertificates' },
          body: '{',
        }),
      400,
      /SerializationException/,
    ],
    [
      'JSON with an unknown member',
      () =>
        ask('/', {
          method: 'POST',
          headers: { ...scope('acm'), 'x-amz-target': 'CertificateManager.ListCertificates' },
          body: '{"Nope":1}',
        }),
      400,
      /SerializationException.*Nope/,
    ],
    [
      'JSON with a member of another type',
      () =>
        ask('/', {
          method: 'POST',
          headers: { ...scope('acm'), 'x-amz-target': 'CertificateManager.ListCertificates' },
          body: '{"MaxItems":"1"}',
        }),
      400,
      /SerializationException.*MaxItems/,
    ],
    [
      'a body of 5 MB',
      () => query('ec2', `Action=DescribeVpcs&x=${'y'.repeat(5 << 20)}`),
      413,
      /RequestEntityTooLarge/,
    ],
  ];
  for (const [row, answer, status, text] of rows) {
    it(`${row}: ${status}`, async () => {
      const [code, body] = await answer();
      assert.match(body, text);
      assert.equal(code, status);
    });
  }

  it('2,000 mangled requests crash nothing', async () => {
    await using world = await makeWorld();
    const random = randomly(7);
    const seeds = [
      'Action=CreateRule&ListenerArn=x&Priority=1&Conditions.member.1.Field=path-pattern',
      '<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>CREATE</Action></Change></Changes></ChangeBatch></ChangeResourceRecordSetsRequest>',
      '{"CertificateArn":"x","Tags":[{"Key":"a"}]}',
    ];
    const services = ['elasticloadbalancing', 'ec2', 'route53', 'acm', 'sts'];
    const mangle = (text: string) => {
      const at = random.below(text.length);
      return (
        text.slice(0, at) +
        ['<', '&', '.', '%', '{', '\u0000', 'é', ''][random.below(8)] +
        text.slice(at + random.below(4))
      );
    };
    const send = async () => {
      const service = services[random.below(5)] ?? '';
      const headers: Record<string, string> = {
        ...scope(service),
        ...(service === 'acm' ? { 'x-amz-target': 'CertificateManager.AddTagsToCertificate' } : {}),
      };
      const path = service === 'route53' ? '/2013-04-01/hostedzone/ZEX/rrset' : '/';
      const body = mangle(mangle(seeds[random.below(3)] ?? ''));
      const reply = await fetch(`${world.aws.url}${path}`, { method: 'POST', headers, body });
      assert.ok(reply.status >= 400 && reply.status < 500, `${reply.status} ${await reply.text()}`);
      await reply.arrayBuffer().catch(() => undefined);
    };
    for (let batch = 0; batch < 100; batch += 1) await Promise.all(Array.from({ length: 20 }, send));
  });
});
