/** Certificates of HTTPS listeners: the default one and those chosen by server name. */

import type * as Sdk from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Certificate } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  AddListenerCertificates$,
  CertificateNotFoundException$,
  DescribeListenerCertificates$,
  OperationNotPermittedException$,
  RemoveListenerCertificates$,
  TooManyCertificatesException$,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Account } from '../account.ts';
import type { StoredListener } from '../state.ts';
import type { Operations } from '../wire/operation.ts';
import { refuse } from '../wire/refusal.ts';
import { isSupported } from './certificate-support.ts';
import type { Elb } from './find.ts';
import { listenerAt } from './find.ts';
import { invalid } from './invalid.ts';
import { page } from './page.ts';

export const listenerCertificateOperations = (elb: Elb): Operations<typeof Sdk> => ({
  AddListenerCertificates: {
    schema: AddListenerCertificates$,
    handle: ({ ListenerArn, Certificates }) => {
      const listener = secureListener(elb, ListenerArn);
      checkSingle(Certificates);
      const arns = Certificates.map((certificate) => checkCertificate(elb, certificate));
      // AWS documentation of listener certificates: the default one may be in the list as well, to stay when it is replaced.
      const next = [...new Set([...listener.extraCertificates, ...arns])];
      const others = elb.links
        .listenersOf(listener.LoadBalancerArn)
        .filter((other) => other !== listener)
        .reduce((sum, other) => sum + other.extraCertificates.length, 0);
      const most = elb.account.facts.certificatesPerLoadBalancer;
      if (next.length + others > most) {
        throw refuse(
          TooManyCertificatesException$,
          `The maximum number of certificates per load balancer, '${most}', is reached`,
        );
      }
      listener.extraCertificates = next;
      return { Certificates: arns.map((CertificateArn) => ({ CertificateArn, IsDefault: false })) };
    },
  },
  RemoveListenerCertificates: {
    schema: RemoveListenerCertificates$,
    handle: ({ ListenerArn, Certificates }) => {
      const listener = secureListener(elb, ListenerArn);
      checkSingle(Certificates);
      const arns = Certificates.map(({ CertificateArn }) => CertificateArn);
      if (arns.includes(defaultOf(listener))) {
        throw refuse(
          OperationNotPermittedException$,
          'The default certificate of a listener cannot be removed; replace it',
        );
      }
      listener.extraCertificates = listener.extraCertificates.filter((arn) => !arns.includes(arn));
      return {};
    },
  },
  DescribeListenerCertificates: {
    schema: DescribeListenerCertificates$,
    handle: (input) => {
      const listener = listenerAt(elb, input.ListenerArn);
      const all = [
        ...(listener.Certificates ?? []).map(({ CertificateArn }) => ({ CertificateArn, IsDefault: true })),
        ...listener.extraCertificates.map((CertificateArn) => ({ CertificateArn, IsDefault: false })),
      ];
      const { items, ...next } = page(
        all,
        ({ CertificateArn, IsDefault }) => `${IsDefault ? 0 : 1} ${CertificateArn}`,
        input,
      );
      return { Certificates: [...items], ...next };
    },
  },
});

/** One certificate per call, to add as to remove (API reference). */
const checkSingle = (certificates: readonly Certificate[]): void => {
  if (certificates.length !== 1)
    throw invalid(`Exactly one certificate must be specified, '${certificates.length}' are given`);
};

const defaultOf = ({ Certificates }: StoredListener): string | undefined => Certificates?.[0]?.CertificateArn;

const secureListener = (elb: Elb, arn: string): StoredListener => {
  const listener = listenerAt(elb, arn);
  if (listener.Protocol !== 'HTTPS' && listener.Protocol !== 'TLS')
    throw invalid(
      `Certificates are only possible on HTTPS and TLS listeners; '${arn}' is ${listener.Protocol}`,
    );
  return listener;
};

/** Whether a certificate is so new that load balancers do not know it yet. */
const isOnItsWay = (account: Account, arn: string): boolean => {
  const uploaded = [...account.serverCertificates.values()].find((it) => it.arn === arn)?.uploadedAt;
  const since =
    account.certificateRequests.get(arn)?.issuedAt ??
    account.certificateDetails.get(arn)?.importedAt ??
    uploaded;
  const spread = account.facts.certificateSpreadSeconds * 1000;
  return since !== undefined && account.clock.now() < since.getTime() + spread;
};

/** The ARN of a certificate a listener may use. */
export const checkCertificate = (elb: Elb, { CertificateArn: arn = '', IsDefault }: Certificate): string => {
  if (IsDefault !== undefined) throw invalid('IsDefault cannot be set on a certificate of a request');
  const stored = elb.account.serving.certificates.get(arn);
  if (stored === undefined && elb.account.certificateRequests.has(arn))
    throw refuse('UnsupportedCertificate', `The certificate '${arn}' is not issued yet`);
  if (stored === undefined || isOnItsWay(elb.account, arn))
    throw refuse(CertificateNotFoundException$, `Certificate '${arn}' not found`);
  const problem = isSupported(stored);
  if (problem !== undefined) throw refuse('UnsupportedCertificate', `The certificate '${arn}' ${problem}`);
  return arn;
};
