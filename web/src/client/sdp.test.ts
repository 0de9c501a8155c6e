import assert from "node:assert/strict";
import { test } from "node:test";
import { answersOffer, onOffer, sessionId, tagAnswer, untagAnswer } from "./sdp.ts";

const description = (id: string) =>
  `v=0\r\no=- ${id} 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n`;

test("the session id is the second field of the origin line", () => {
  assert.equal(sessionId(description("4711")), "4711");
  assert.equal(sessionId("rubbish"), "");
});

test("a tagged answer names its offer and stays the same otherwise", () => {
  const tagged = tagAnswer(description("2"), description("1"));
  assert.equal(answersOffer(tagged), "1");
  assert.ok(tagged.indexOf("a=x-strowger-answers") < tagged.indexOf("m=audio"));
  assert.equal(untagAnswer(tagged), description("2"));
});

test("an answer of another client names no offer", () => {
  assert.equal(answersOffer(description("2")), undefined);
});

const stable = { polite: true, offering: false, remoteId: "", lastOffer: "" };

test("the first offer is answered", () => {
  assert.equal(onOffer({ ...stable, offer: description("1") }), "answer");
});

test("an offer of the same peer connection is a renegotiation", () => {
  const lastOffer = description("1");
  const offer = `${lastOffer}a=ice-ufrag:new\r\n`;
  assert.equal(onOffer({ ...stable, remoteId: "1", lastOffer, offer }), "answer");
});

test("an offer of a reloaded page replaces our peer connection", () => {
  assert.equal(onOffer({ ...stable, remoteId: "1", offer: description("2") }), "replace");
});

test("when both offer, the polite side gives in and the other insists", () => {
  const both = { ...stable, offering: true, offer: description("2") };
  assert.equal(onOffer({ ...both, polite: true }), "replace");
  assert.equal(onOffer({ ...both, polite: false }), "insist");
});

test("the very same offer twice is answered once", () => {
  const offer = description("1");
  assert.equal(onOffer({ ...stable, remoteId: "1", lastOffer: offer, offer }), "ignore");
});
