// The official Node client of KurrentDB: says in one JSON object what it found.
"use strict";

const {
  KurrentDBClient,
  PersistentSubscriptionMaximumSubscribersReachedError,
  PARK,
  RETRY,
  SKIP,
  START,
  StreamNotFoundError,
  WrongExpectedVersionError,
  NO_STREAM,
  eventTypeFilter,
  jsonEvent,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
} = require("@kurrent/kurrentdb-client");

const STREAM = "site-node";
const client = KurrentDBClient.connectionString(process.argv[2]);

async function appended() {
  const texts = ["a", "b", "c", "d"];
  const events = texts.map((text) => jsonEvent({ type: "Told", data: { text } }));
  await client.appendToStream(STREAM, events);
  const again = await client.appendToStream(STREAM, events);
  let refused = "";
  try {
    await client.appendToStream(STREAM, jsonEvent({ type: "No", data: {} }), {
      streamState: NO_STREAM,
    });
  } catch (error) {
    refused = error instanceof WrongExpectedVersionError ? "wrong version" : `${error}`;
  }
  return { again: again.success, refused };
}

async function texts(reading) {
  const found = [];
  for await (const { event } of reading) found.push(event.data.text);
  return found;
}

async function missing() {
  try {
    await texts(client.readStream("nowhere"));
  } catch (error) {
    return error instanceof StreamNotFoundError;
  }
  return false;
}

async function read() {
  return {
    forwards: await texts(client.readStream(STREAM, { fromRevision: 1n, maxCount: 2 })),
    backwards: await texts(client.readStream(STREAM, { direction: "backwards", fromRevision: "end" })),
    category: await texts(client.readStream("$ce-site", { resolveLinkTos: true })),
    all: await texts(client.readAll({ filter: eventTypeFilter({ prefixes: ["Told"] }) })),
    missing: await missing(),
  };
}

async function follow(subscription, count, decide) {
  const seen = [];
  for await (const resolved of subscription) {
    seen.push([resolved.event.data.text, resolved.retryCount ?? 0]);
    await decide(resolved, seen.length);
    if (seen.length === count) break;
  }
  return seen;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function parkedCount(wanted) {
  for (let tries = 0; tries < 200; tries += 1) {
    const info = await client.getPersistentSubscriptionToStreamInfo(STREAM, "node");
    if (Number(info.stats.parkedMessageCount) === wanted) return wanted;
    await pause(50);
  }
  return -1;
}

async function isFull() {
  const second = client.subscribeToPersistentSubscriptionToStream(STREAM, "node");
  try {
    for await (const _ of second) return false;
  } catch (error) {
    return error instanceof PersistentSubscriptionMaximumSubscribersReachedError;
  }
  return false;
}

async function grouped() {
  const settings = persistentSubscriptionToStreamSettingsFromDefaults({
    startFrom: START,
    maxSubscriberCount: 1,
  });
  await client.createPersistentSubscriptionToStream(STREAM, "node", settings);
  const reading = client.subscribeToPersistentSubscriptionToStream(STREAM, "node");
  let full = false;
  const seen = await follow(reading, 5, async (event, number) => {
    if (number === 1) await reading.nack(PARK, "odd", event);
    else if (number === 2) await reading.nack(RETRY, "later", event);
    else if (number === 3) await reading.nack(SKIP, "never", event);
    else await reading.ack(event);
    if (number === 4) full = await isFull();
  });
  const parked = await parkedCount(1);
  await reading.unsubscribe();
  await client.replayParkedMessagesToStream(STREAM, "node");
  const later = client.subscribeToPersistentSubscriptionToStream(STREAM, "node");
  const replayed = await follow(later, 1, (event) => later.ack(event));
  const left = await parkedCount(0);
  await later.unsubscribe();
  await client.deletePersistentSubscriptionToStream(STREAM, "node");
  return { seen, full, parked, replayed, left };
}

async function groupedAll() {
  const settings = persistentSubscriptionToAllSettingsFromDefaults({ startFrom: START });
  const filter = eventTypeFilter({ regex: "^(?:Told)$" });
  await client.createPersistentSubscriptionToAll("node", settings, { filter });
  const reading = client.subscribeToPersistentSubscriptionToAll("node");
  const seen = await follow(reading, 4, (event) => reading.ack(event));
  await reading.unsubscribe();
  return seen.map(([text]) => text);
}

async function main() {
  const found = { appended: await appended() };
  found.read = await read();
  found.grouped = await grouped();
  found.groupedAll = await groupedAll();
  console.log(JSON.stringify(found));
  await client.dispose();
  process.exit(0);
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
