// The two facts of a session description that the client needs. Pure; RFC 8866.

/** The session id of the o= line: one per RTCPeerConnection, so it tells a renegotiation of a known
 *  peer from the offer of a new one (the other page was reloaded). */
export function sessionId(sdp: string): string {
  return /^o=\S+ (\d+) /m.exec(sdp)?.[1] ?? "";
}

const TAG = "a=x-strowger-answers:";

/** Says which offer an answer is for. An answer to the offer of a page that was reloaded meanwhile
 *  would otherwise be taken for the answer to the new page's offer. Others ignore the attribute. */
export function tagAnswer(sdp: string, offer: string): string {
  const end = sdp.indexOf("\r\nm=");
  const tag = `\r\n${TAG}${sessionId(offer)}`;
  return end < 0 ? sdp : sdp.slice(0, end) + tag + sdp.slice(end);
}

/** The session id of the offer that this answer names; undefined when it names none. */
export function answersOffer(sdp: string): string | undefined {
  return /^a=x-strowger-answers:(\d*)/m.exec(sdp)?.[1];
}

/** Removes the tag, so that the browser's parser sees only what it knows. */
export function untagAnswer(sdp: string): string {
  return sdp.replace(/^a=x-strowger-answers:.*\r?\n/m, "");
}

export type OfferAction = "answer" | "replace" | "insist" | "ignore";

/** What to do with an offer, given where our own negotiation on this bridge stands. */
export function onOffer(ours: {
  polite: boolean; // the server gave us the role "answer"
  offering: boolean; // our own offer waits for its answer
  remoteId: string; // session id of the peer connection we talk to, "" before the first
  lastOffer: string;
  offer: string;
}): OfferAction {
  if (ours.offer === ours.lastOffer) return "ignore"; // sent twice by a peer that insists
  const sameId = sessionId(ours.offer) === ours.remoteId;
  if (ours.offering && !ours.polite) return "insist"; // both offered: ours stands, say it again
  if (ours.remoteId === "" && !ours.offering) return "answer";
  return sameId && !ours.offering ? "answer" : "replace";
}
