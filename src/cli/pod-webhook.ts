/**
 * The optional admission webhook: gives new Pods their readiness gate. It never refuses a Pod; whatever is wrong, the
 * Pod is made as it was asked for.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import type { Log } from '../core/ports.ts';
import type { NewPod } from '../core/translate/gate-injection.ts';
import type { ListenAddress } from './listen-address.ts';

export type PodWebhookOptions = {
  readonly address: ListenAddress;
  /** Folder with `tls.crt` and `tls.key`, read anew every minute: a mounted Secret may change. */
  readonly certificates: string;
  readonly gateFor: (pod: NewPod) => string | undefined;
  readonly log: Log;
};

/** Where API servers send their reviews of Pods; the path LBC uses. */
const PATH = '/mutate-v1-pod';
/** An API server takes no larger objects (about 1.5 MB), and puts two of them into a review. */
const MOST_BYTES = 4_000_000;
const RELOAD_MS = 60_000;

/** Rejects when the address is taken or the certificate cannot be read. */
export const servePodWebhook = async (
  options: PodWebhookOptions,
): Promise<{ readonly close: () => Promise<void> }> => {
  const { address, certificates, log } = options;
  const server = createServer(readPair(certificates), (request, response) => {
    if (request.method !== 'POST' || request.url?.split('?')[0] !== PATH) {
      response.writeHead(404).end();
      return;
    }
    readBody(request)
      .then((body) =>
        response.writeHead(200, { 'Content-Type': 'application/json' }).end(review(body, options)),
      )
      .catch((error: unknown) => {
        log('warn', 'a review of a Pod could not be read', { error: String(error) });
        response.writeHead(400).end();
      });
  });
  const reload = setInterval(() => {
    try {
      server.setSecureContext(readPair(certificates));
    } catch (error) {
      log('warn', 'the certificate of the webhook cannot be read', { error: String(error) });
    }
  }, RELOAD_MS).unref();
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return {
    close: async () => {
      clearInterval(reload);
      server.close();
      server.closeAllConnections();
    },
  };
};

const readPair = (folder: string): { readonly cert: Buffer; readonly key: Buffer } => ({
  cert: readFileSync(join(folder, 'tls.crt')),
  key: readFileSync(join(folder, 'tls.key')),
});

const readBody = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > MOST_BYTES) throw new Error(`more than ${MOST_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
};

/** The fields of an AdmissionReview (admission.k8s.io/v1) that are read. */
type Review = {
  readonly request?: {
    readonly uid?: string;
    readonly namespace?: string;
    readonly object?: {
      readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
      readonly spec?: { readonly readinessGates?: readonly { readonly conditionType: string }[] };
    };
  };
};

/** The answer to a review. Throws when the body is none. */
const review = (body: string, { gateFor, log }: PodWebhookOptions): string => {
  const { request } = JSON.parse(body) as Review;
  const { uid, namespace, object } = request ?? {};
  if (uid === undefined) throw new Error('not an AdmissionReview: expected request.uid');
  const stated = object?.spec?.readinessGates;
  const gates = (stated ?? []).map(({ conditionType }) => conditionType);
  let patch: readonly object[] = [];
  try {
    const gate = gateFor({ namespace: namespace ?? '', labels: object?.metadata?.labels ?? {}, gates });
    const value = { conditionType: gate };
    if (gate !== undefined)
      patch = [
        stated
          ? { op: 'add', path: '/spec/readinessGates/-', value }
          : { op: 'add', path: '/spec/readinessGates', value: [value] },
      ];
  } catch (error) {
    // Before the first lists are complete, for one.
    log('warn', 'a Pod was made without a readiness gate', { namespace, error: String(error) });
  }
  const patched = { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') };
  const response = { uid, allowed: true, ...(patch.length > 0 && patched) };
  return JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response });
};
