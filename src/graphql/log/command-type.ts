/** Types of operations, each with the mutation that asks for one. */
import { type CommandType, OPERATIONS } from '../../core/machine/command.ts';
import { builder } from '../builder/builder.ts';

export const CommandTypeEnum = builder.enumType('CommandType', {
  description: 'Types of operations, as the field `command` of an operation names them.',
  values: Object.fromEntries(
    Object.entries(OPERATIONS).map(([type, { mutation }]) => [
      type,
      {
        value: type as CommandType,
        description:
          mutation === null
            ? OPERATIONS[type as CommandType].sentence
            : `The mutation ${mutation}.`,
      },
    ]),
  ) as Record<CommandType, { value: CommandType; description: string }>,
});
