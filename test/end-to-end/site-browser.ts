/** A browser for sites of a sandbox: it keeps cookies, takes any certificate, and follows redirects when told to. */
import { Agent, type Dispatcher, ProxyAgent, request } from 'undici';

export type Page = {
  readonly status: number;
  readonly body: string;
  readonly location: string | undefined;
  readonly url: string;
};

export type SiteBrowser = {
  /** One request. */
  get(url: string, headers?: Readonly<Record<string, string>>): Promise<Page>;
  /** The page at the end of all redirects. */
  visit(url: string): Promise<Page>;
  readonly cookies: ReadonlyMap<string, string>;
  close(): Promise<void>;
};

export const siteBrowser = (proxyUrl: string): SiteBrowser => {
  const any = { rejectUnauthorized: false };
  const sites = new ProxyAgent({ uri: proxyUrl, requestTls: any });
  const loopback = new Agent({ connect: any });
  const cookies = new Map<string, string>();
  const get: SiteBrowser['get'] = async (url, headers = {}) => {
    const { hostname } = new URL(url);
    const dispatcher: Dispatcher = hostname === '127.0.0.1' ? loopback : sites;
    const mine = [...cookies].filter(([key]) => key.startsWith(`${hostname} `));
    const cookie = mine.map(([key, value]) => `${key.split(' ')[1]}=${value}`).join('; ');
    const reply = await request(url, {
      dispatcher,
      headers: { ...headers, ...(cookie !== '' && { cookie }) },
    });
    for (const line of [reply.headers['set-cookie'] ?? []].flat()) {
      const [pair = ''] = line.split(';');
      const mark = pair.indexOf('=');
      cookies.set(`${hostname} ${pair.slice(0, mark)}`, pair.slice(mark + 1));
    }
    const { location } = reply.headers;
    return {
      status: reply.statusCode,
      body: await reply.body.text(),
      location: location === undefined ? undefined : new URL(String(location), url).href,
      url,
    };
  };
  return {
    get,
    visit: async (url) => {
      let page = await get(url);
      for (let hops = 0; page.location !== undefined && hops < 10; hops++) page = await get(page.location);
      return page;
    },
    cookies,
    close: async () => {
      await Promise.all([sites.close(), loopback.close()]);
    },
  };
};
