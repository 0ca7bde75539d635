/**
 * The URL as paths are written today: `/api/v1/watch/pods` asks what `/api/v1/pods?watch=true` does. Deprecated since
 * Kubernetes 1.11 and still served.
 */
export const withoutWatchPath = (method: string | undefined, url: URL): URL => {
  const [, before, after] = WATCH.exec(url.pathname) ?? [];
  if (before === undefined || after === undefined || method !== 'GET') return url;
  const plain = new URL(url);
  plain.pathname = `${before}/${after}`;
  plain.searchParams.set('watch', 'true');
  return plain;
};

const WATCH = /^(\/api\/[^/]+|\/apis\/[^/]+\/[^/]+)\/watch\/(.+)$/;
