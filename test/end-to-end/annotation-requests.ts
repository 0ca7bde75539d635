/** Requests through the load balancers of a sandbox that look at headers, show certificates, and believe any server. */
import { ProxyAgent, request } from 'undici';

export type Reply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

export type Asking = {
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent by POST. */
  readonly body?: string;
  /** Shown as a client certificate. */
  readonly identity?: { readonly cert: string; readonly key: string };
};

export type Ask = (url: string, asking?: Asking) => Promise<Reply>;

/** Goes by the names of the sandbox's Route 53. Each request has a connection of its own. */
export const askThrough =
  (proxyUrl: string): Ask =>
  async (url, { headers = {}, body, identity } = {}) => {
    const proxy = new ProxyAgent({ uri: proxyUrl, requestTls: { rejectUnauthorized: false, ...identity } });
    try {
      const method = body === undefined ? 'GET' : 'POST';
      const reply = await request(url, { dispatcher: proxy, method, headers, body: body ?? null });
      return { status: reply.statusCode, headers: reply.headers, body: await reply.body.text() };
    } finally {
      await proxy.close();
    }
  };
