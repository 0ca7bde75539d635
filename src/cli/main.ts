#!/usr/bin/env node
/** Entry: reads the command and loads only what it needs, so that `version` and `--help` answer at once. */
import { textOf } from '../core/text-of.ts';
import { COMMANDS, commandHelp, mainHelp } from './commands.ts';
import { UsageError } from './options.ts';

// The SDK warns about Node versions long before they stop working; package.json says which ones we support.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

const main = async (argv: readonly string[]): Promise<number> => {
  const [name = '--help', ...rest] = argv;
  if (name === '--help' || name === '-h' || name === 'help')
    return say(rest[0] ? commandHelp(rest[0]) : mainHelp());
  if (name === '--version' || name === '-v') return main(['version']);
  const command = COMMANDS[name];
  if (!command)
    throw new UsageError(
      `there is no command ${JSON.stringify(name)}; expected ${Object.keys(COMMANDS).join(', ')}`,
    );
  if (rest.includes('--help') || rest.includes('-h')) return say(commandHelp(name));
  if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE)
    throw new UsageError(`Node ${OLDEST_NODE} or newer is needed, this is ${process.versions.node}`);
  return command.run(rest);
};

/** As package.json has it: what a command loads needs functions that older ones lack. */
const OLDEST_NODE = 22;

const say = (text: string): number => {
  process.stdout.write(text);
  return 0;
};

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const message = textOf(error);
  process.stderr.write(`alb-ingress: ${message}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
