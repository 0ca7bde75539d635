import type { RedirectActionConfig } from '@aws-sdk/client-elastic-load-balancing-v2';
import { hostName, type RequestFacts } from './request-facts.ts';

/** A redirect action with AWS's defaults filled in; each part may hold `#{…}` placeholders. */
export type RedirectTemplate = {
  readonly status: 301 | 302;
  readonly protocol: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly query: string;
};

export const redirectTemplate = (config: RedirectActionConfig | undefined): RedirectTemplate => ({
  status: config?.StatusCode === 'HTTP_302' ? 302 : 301,
  protocol: config?.Protocol ?? '#{protocol}',
  host: config?.Host ?? '#{host}',
  port: config?.Port ?? '#{port}',
  path: config?.Path ?? '/#{path}',
  query: config?.Query ?? '#{query}',
});

/**
 * The Location of a redirect. As AWS does, it always prints the port; `#{path}` is the request's path without its
 * leading slash.
 */
export const redirectLocation = (
  template: RedirectTemplate,
  request: RequestFacts,
  listener: { readonly protocol: string; readonly port: number },
): string => {
  const mark = request.uri.indexOf('?');
  const values: Readonly<Record<string, string>> = {
    protocol: listener.protocol,
    host: hostName(request.authority),
    port: String(listener.port),
    path: (mark < 0 ? request.uri : request.uri.slice(0, mark)).replace(/^\//, ''),
    query: request.query,
  };
  const fill = (text: string): string =>
    text.replace(/#\{(protocol|host|port|path|query)\}/g, (_, name: string) => values[name] ?? '');
  const query = fill(template.query);
  const scheme = fill(template.protocol).toLowerCase();
  return `${scheme}://${fill(template.host)}:${fill(template.port)}${fill(template.path)}${query === '' ? '' : `?${query}`}`;
};
