/** The wire: routing and malformed requests. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeWorld } from './sandbox-aws-world.ts';

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
          headers: { ...scope('kms'), 'x-amz-target': 'TrentService.Decrypt' },
          body: '{}',
        }),
      400,
      /"__type":"UnknownOperationException".*Decrypt/,
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
      'the signature of a Region that does not exist',
      () => query('ec2', 'Action=DescribeVpcs', 'mars-north-1'),
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
});
