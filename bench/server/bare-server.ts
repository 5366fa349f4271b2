/**
 * The bare libraries as a process of their own: Yoga with `{ hello }` over HTTP, and graphql-js with
 * graphql-ws on the same port. Prints its URL as Faultline does.
 */
import { EventEmitter, on } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { answerMemory } from './memory.ts';

const requests = new EventEmitter();
requests.setMaxListeners(0);
const INT = new GraphQLNonNull(GraphQLInt);
const INPUT = { group: { type: INT } };

const requested = new GraphQLObjectType({
  name: 'Requested',
  fields: { outcome: { type: new GraphQLNonNull(GraphQLString) } },
});
const event = new GraphQLObjectType({
  name: 'Event',
  fields: { type: { type: new GraphQLNonNull(GraphQLString) } },
});
const answered = new GraphQLObjectType({
  name: 'Answered',
  fields: {
    bytes: { type: INT },
    events: { type: new GraphQLNonNull(new GraphQLList(event)) },
  },
});
const update = new GraphQLObjectType({
  name: 'Update',
  fields: { kind: { type: new GraphQLNonNull(GraphQLString) }, group: { type: INT } },
});

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({
    name: 'Query',
    fields: { hello: { type: GraphQLString, resolve: () => 'world' } },
  }),
  mutation: new GraphQLObjectType({
    name: 'Mutation',
    fields: {
      request: {
        type: requested,
        args: INPUT,
        resolve: (_, { group }) => {
          requests.emit('request', { kind: 'DELIVERED', group });
          return { outcome: 'REPORTED' };
        },
      },
      answer: {
        type: answered,
        args: INPUT,
        resolve: () => ({ bytes: 8, events: [{ type: 'Written' }, { type: 'Sent' }] }),
      },
    },
  }),
  subscription: new GraphQLObjectType({
    name: 'Subscription',
    fields: {
      updates: {
        type: update,
        subscribe: () => on(requests, 'request'),
        resolve: ([value]: [unknown]) => value,
      },
    },
  }),
});

const yoga = createYoga({ schema, logging: false });
const server = createServer(yoga);
useServer({ schema }, new WebSocketServer({ server, path: '/graphql' }));
answerMemory();
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  process.stdout.write(`Bare server listens on http://127.0.0.1:${port}\n`);
});
process.once('SIGTERM', () => process.exit(0));
