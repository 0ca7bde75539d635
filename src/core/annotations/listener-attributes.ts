import { type Attribute, attributes, flag, matching, words } from './attribute.ts';

const header = matching(
  /^[A-Za-z0-9-]{0,40}$/,
  'the name of a header, at most 40 letters, digits and hyphens',
);
const value = matching(/^[\x20-\x7e]{0,1024}$/, 'the value of a header, at most 1024 characters');

const REQUEST = [
  'x_amzn_mtls_clientcert_serial_number',
  'x_amzn_mtls_clientcert_issuer',
  'x_amzn_mtls_clientcert_subject',
  'x_amzn_mtls_clientcert_validity',
  'x_amzn_mtls_clientcert_leaf',
  'x_amzn_mtls_clientcert',
  'x_amzn_tls_version',
  'x_amzn_tls_cipher_suite',
];

const RESPONSE = {
  strict_transport_security: value,
  access_control_allow_origin: value,
  access_control_allow_methods: value,
  access_control_allow_headers: value,
  access_control_allow_credentials: words('true'),
  access_control_expose_headers: value,
  access_control_max_age: matching(/^\d{1,5}$/, 'seconds from 0 to 86400'),
  content_security_policy: value,
  x_content_type_options: words('nosniff'),
  x_frame_options: matching(/^(DENY|SAMEORIGIN|ALLOW-FROM .+)$/, 'DENY, SAMEORIGIN or ALLOW-FROM and a URL'),
};

/** Attributes of a listener, with the values of AWS documentation; those of requests are for HTTPS. */
const KNOWN: Readonly<Record<string, Attribute>> = {
  'routing.http.response.server.enabled': flag,
  ...Object.fromEntries(REQUEST.map((name) => [`routing.http.request.${name}.header_name`, header])),
  ...Object.fromEntries(
    Object.entries(RESPONSE).map(([name, attribute]) => [
      `routing.http.response.${name}.header_value`,
      attribute,
    ]),
  ),
};

export const listenerAttributes = attributes('listener', KNOWN);

/** Whether an attribute is about TLS, so that only HTTPS listeners have it. */
export const isAboutTls = (key: string): boolean => key.startsWith('routing.http.request.');
