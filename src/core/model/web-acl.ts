/** A web ACL as a user names it: by ARN, or by name behind this prefix. */
export const WEB_ACL_NAME = 'name/';

/** ARNs of web ACLs hold the name: `arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID`. */
export const isSameWebAcl = (want: string | undefined, have: string | undefined): boolean =>
  want === have ||
  (want?.startsWith(WEB_ACL_NAME) === true &&
    have?.split(':regional/webacl/')[1]?.split('/')[0] === want.slice(WEB_ACL_NAME.length));
