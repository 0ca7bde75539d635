import { accept, type Parser, refuse } from './parser.ts';

/** The ARN of a web ACL for regional resources, or `none`. */
export const webAclArn: Parser<string> = {
  type: 'ARN of a web ACL, or `none`',
  schema: {
    pattern: '^\\s*(none|arn:aws[a-z-]*:wafv2:[a-z0-9-]+:[0-9]+:regional/webacl/[\\w-]+/[\\w-]+)\\s*$',
  },
  parse: (raw) => {
    const value = raw.trim();
    return /^(none|arn:aws[a-z-]*:wafv2:[a-z0-9-]+:\d+:regional\/webacl\/[\w-]+\/[\w-]+)$/.test(value)
      ? accept(value)
      : refuse(
          'the ARN of a regional web ACL (arn:aws:wafv2:REGION:ACCOUNT:regional/webacl/NAME/ID), or none',
        );
  },
};
