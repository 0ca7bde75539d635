import type { X509Certificate } from 'node:crypto';
import { constants } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { ServingState, StoredListener } from '../../aws/state.ts';
import type { GeneratedHeaders } from '../generated-headers.ts';
import { certificateHeaders } from './certificate-headers.ts';
import { type TrustAnchors, trustAnchors } from './trust-anchors.ts';
import { refusalOf } from './verify-client.ts';

/** How a listener treats certificates of clients; undefined where mutual TLS is off. */
export type ClientAuthentication = {
  /** Headers that requests of this connection get, or why the connection must end. */
  admit(socket: TLSSocket): { readonly headers: readonly string[] } | { readonly refused: string };
  /** For the secure contexts of the listener. */
  readonly tls: { readonly ca?: string[]; readonly secureOptions: number };
};

/**
 * By AWS documentation: `passthrough` takes every client and hands its certificates on; `verify` ends connections
 * whose certificate does not lead to the trust store. Sessions are not resumed, because a resumed one no longer has
 * the certificates that the client sent along.
 */
export const clientAuthentication = (
  state: ServingState,
  listener: StoredListener,
  names: GeneratedHeaders,
): ClientAuthentication | undefined => {
  const { Mode: mode = 'off', ...settings } = listener.MutualAuthentication ?? {};
  const secureOptions = constants.SSL_OP_NO_TICKET;
  if (mode === 'off') return undefined;
  if (mode === 'passthrough') {
    const admit = (socket: TLSSocket) => ({ headers: certificateHeaders(mode, presentedBy(socket), names) });
    return { admit, tls: { secureOptions } };
  }
  if (mode !== 'verify') return refusingAll(`mutual TLS mode '${mode}' is not one AWS has`);
  const anchors = anchorsOf(state, settings.TrustStoreArn ?? '');
  if (typeof anchors === 'string') return refusingAll(anchors);
  const advertised = settings.AdvertiseTrustStoreCaNames === 'on' ? { ca: [...anchors.pem] } : {};
  return {
    admit: (socket) => {
      const presented = presentedBy(socket);
      const refused = refusalOf(presented, anchors, settings.IgnoreClientCertificateExpiry === true);
      return refused === undefined ? { headers: certificateHeaders(mode, presented, names) } : { refused };
    },
    tls: { secureOptions, ...advertised },
  };
};

const refusingAll = (refused: string): ClientAuthentication => ({
  admit: () => ({ refused }),
  tls: { secureOptions: constants.SSL_OP_NO_TICKET },
});

const anchorsOf = (state: ServingState, arn: string): TrustAnchors | string => {
  const store = state.trustStores.get(arn);
  if (store === undefined) return `trust store '${arn}' does not exist`;
  try {
    return trustAnchors(store);
  } catch (error) {
    return `trust store ${arn} cannot be read: ${error instanceof Error ? error.message : error}`;
  }
};

/** The client's own certificate first. */
const presentedBy = (socket: TLSSocket): readonly X509Certificate[] => {
  const presented: X509Certificate[] = [];
  let next: X509Certificate | undefined = socket.getPeerX509Certificate();
  while (next !== undefined && presented.length < MOST_CERTIFICATES) {
    presented.push(next);
    next = next.issuerCertificate;
  }
  return presented;
};

const MOST_CERTIFICATES = 10;
