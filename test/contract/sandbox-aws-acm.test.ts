/** Certificates and the caller's identity. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  AddTagsToCertificateCommand,
  DeleteCertificateCommand,
  DescribeCertificateCommand,
  ListCertificatesCommand,
  ListTagsForCertificateCommand,
  RemoveTagsFromCertificateCommand,
} from '@aws-sdk/client-acm';
import {
  AddListenerCertificatesCommand,
  DescribeListenerCertificatesCommand,
  ModifyListenerCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { makeCertificate } from '../../src/sandbox/aws/acm/make-certificate.ts';
import { importing, makeWorld, refused, secure } from './sandbox-aws-world.ts';

describe('ACM', () => {
  it('keeps what was imported, with its chain, names and tags', async () => {
    await using world = await makeWorld();
    const root = makeCertificate({ names: ['root'] });
    const leaf = makeCertificate({
      names: ['a.example.com', 'b.example.com'],
      issuer: { name: 'root', key: root.key },
    });
    const { CertificateArn } = await importing(world, leaf, {
      CertificateChain: Buffer.from(root.certificate),
      Tags: [{ Key: 'k', Value: 'v' }],
    });
    await world.acm.send(
      new AddTagsToCertificateCommand({ CertificateArn, Tags: [{ Key: 'l', Value: 'w' }] }),
    );
    await world.acm.send(new RemoveTagsFromCertificateCommand({ CertificateArn, Tags: [{ Key: 'k' }] }));
    assert.deepEqual((await world.acm.send(new ListTagsForCertificateCommand({ CertificateArn }))).Tags, [
      { Key: 'l', Value: 'w' },
    ]);
    const { Certificate } = await world.acm.send(new DescribeCertificateCommand({ CertificateArn }));
    assert.deepEqual(
      [
        Certificate?.DomainName,
        Certificate?.SubjectAlternativeNames,
        Certificate?.Status,
        Certificate?.Type,
        Certificate?.KeyAlgorithm,
      ],
      ['a.example.com', ['a.example.com', 'b.example.com'], 'ISSUED', 'IMPORTED', 'EC_prime256v1'],
    );
    assert.ok(Certificate?.ImportedAt instanceof Date);
    assert.equal(world.aws.state.certificates.get(CertificateArn ?? '')?.chain, root.certificate);
    const renewed = makeCertificate({ names: ['b.example.com', 'c.example.com'] });
    assert.equal((await importing(world, renewed, { CertificateArn })).CertificateArn, CertificateArn);
    assert.equal(
      (await world.acm.send(new DescribeCertificateCommand({ CertificateArn }))).Certificate?.DomainName,
      'b.example.com',
    );
    await world.acm.send(new DeleteCertificateCommand({ CertificateArn }));
    await refused(
      world.acm.send(new DescribeCertificateCommand({ CertificateArn })),
      'ResourceNotFoundException',
    );
  });

  it('lists RSA keys unless others are asked for, in pages', async () => {
    await using world = await makeWorld();
    const rsa = await world.certificate(
      ['rsa.example.com'],
      makeCertificate({ names: ['rsa.example.com'], rsaBits: 2048 }),
    );
    for (const name of ['a', 'b', 'c']) await world.certificate([`${name}.example.com`]);
    const { CertificateSummaryList } = await world.acm.send(new ListCertificatesCommand({}));
    assert.deepEqual(
      CertificateSummaryList?.map(({ CertificateArn }) => CertificateArn),
      [rsa],
    );
    const Includes = { keyTypes: ['RSA_2048' as const, 'EC_prime256v1' as const] };
    const first = await world.acm.send(new ListCertificatesCommand({ MaxItems: 3, Includes }));
    const second = await world.acm.send(
      new ListCertificatesCommand({ MaxItems: 3, Includes, NextToken: first.NextToken }),
    );
    const names = [...(first.CertificateSummaryList ?? []), ...(second.CertificateSummaryList ?? [])].map(
      ({ DomainName }) => DomainName,
    );
    assert.deepEqual(names.toSorted(), [
      'a.example.com',
      'b.example.com',
      'c.example.com',
      'rsa.example.com',
    ]);
    assert.equal(second.NextToken, undefined);
  });

  it('serves listeners with a default certificate and more by name', async () => {
    await using world = await makeWorld();
    const [CertificateArn, more] = [
      await world.certificate(['a.example.com']),
      await world.certificate(['b.example.com']),
    ];
    const { Listeners } = await secure(world, CertificateArn);
    const ListenerArn = Listeners?.[0]?.ListenerArn;
    assert.equal(Listeners?.[0]?.SslPolicy, 'ELBSecurityPolicy-2016-08');
    await world.elb.send(
      new AddListenerCertificatesCommand({ ListenerArn, Certificates: [{ CertificateArn: more }] }),
    );
    const { Certificates } = await world.elb.send(new DescribeListenerCertificatesCommand({ ListenerArn }));
    assert.deepEqual(Certificates, [
      { CertificateArn, IsDefault: true },
      { CertificateArn: more, IsDefault: false },
    ]);
    const { Certificate } = await world.acm.send(new DescribeCertificateCommand({ CertificateArn: more }));
    assert.equal(Certificate?.InUseBy?.length, 1);
  });

  it('keeps a replaced default certificate that was put into the list before', async () => {
    await using world = await makeWorld();
    const [first, second] = [
      await world.certificate(['a.example.com']),
      await world.certificate(['b.example.com']),
    ];
    const { Listeners } = await secure(world, first);
    const ListenerArn = Listeners?.[0]?.ListenerArn;
    const list = async () => {
      const { Certificates } = await world.elb.send(new DescribeListenerCertificatesCommand({ ListenerArn }));
      return Certificates;
    };
    await world.elb.send(
      new AddListenerCertificatesCommand({ ListenerArn, Certificates: [{ CertificateArn: first }] }),
    );
    assert.deepEqual(await list(), [
      { CertificateArn: first, IsDefault: true },
      { CertificateArn: first, IsDefault: false },
    ]);
    await world.elb.send(
      new ModifyListenerCommand({ ListenerArn, Certificates: [{ CertificateArn: second }] }),
    );
    assert.deepEqual(await list(), [
      { CertificateArn: second, IsDefault: true },
      { CertificateArn: first, IsDefault: false },
    ]);
  });
});
