// What Chromium and mediasoup-client were seen to send, for the tests.
#pragma once

#include <string>

namespace strowger::protocol::mediasoup::seen {

inline const std::string produce_opus =
    R"j({"kind":"audio","rtpParameters":{"mid":"0","codecs":[{"mimeType":"audio/opus","payloadTy)j"
    R"j(pe":111,"clockRate":48000,"channels":2,"parameters":{"minptime":10,"useinbandfec":1,"spr)j"
    R"j(op-stereo":0,"usedtx":1},"rtcpFeedback":[{"type":"transport-cc","parameter":""}]}],"head)j"
    R"j(erExtensions":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":4,"encrypt":false,"para)j"
    R"j(meters":{}},{"uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level","id":1,"encrypt":false,)j"
    R"j("parameters":{}},{"uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time","id)j"
    R"j(":2,"encrypt":false,"parameters":{}}],"encodings":[{"ssrc":3168893402,"dtx":false}],"rtc)j"
    R"j(p":{"cname":"UgEAj0WASbeFeL+h","reducedSize":true},"msid":"8bcd6c39-5ead-46a1-9735-2c15d)j"
    R"j(173bf08 b4bf9bca-3c12-48d8-94d1-19caf059208c"},"appData":{},"transportId":"t1"})j";
inline const std::string produce_pcmu =
    R"j({"kind":"audio","rtpParameters":{"mid":"0","codecs":[{"mimeType":"audio/PCMU","payloadTy)j"
    R"j(pe":0,"clockRate":8000,"channels":1,"parameters":{},"rtcpFeedback":[]}],"headerExtension)j"
    R"j(s":[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":4,"encrypt":false,"parameters":{}})j"
    R"j(,{"uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level","id":1,"encrypt":false,"parameters)j"
    R"j(":{}},{"uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time","id":2,"encryp)j"
    R"j(t":false,"parameters":{}}],"encodings":[{"ssrc":530037027,"dtx":false}],"rtcp":{"cname":)j"
    R"j("Z66gCQPGsu/9q8bL","reducedSize":true},"msid":"6106bfdc-3873-4599-b98f-de06e90f2b26 91ed)j"
    R"j(d850-b018-4dd4-9aff-4bb3a4391204"},"appData":{},"transportId":"t1"})j";
inline const std::string produce_vp8 =
    R"j({"kind":"video","rtpParameters":{"mid":"1","codecs":[{"mimeType":"video/VP8","payloadTyp)j"
    R"j(e":96,"clockRate":90000,"parameters":{},"rtcpFeedback":[{"type":"goog-remb","parameter":)j"
    R"j(""},{"type":"transport-cc","parameter":""},{"type":"ccm","parameter":"fir"},{"type":"nac)j"
    R"j(k","parameter":""},{"type":"nack","parameter":"pli"}]},{"mimeType":"video/rtx","payloadT)j"
    R"j(ype":97,"clockRate":90000,"parameters":{"apt":96},"rtcpFeedback":[]}],"headerExtensions")j"
    R"j(:[{"uri":"urn:ietf:params:rtp-hdrext:sdes:mid","id":4,"encrypt":false,"parameters":{}},{)j"
    R"j("uri":"http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time","id":2,"encrypt":fals)j"
    R"j(e,"parameters":{}}],"encodings":[{"ssrc":3756909876,"rtx":{"ssrc":388819123},"dtx":false)j"
    R"j(}],"rtcp":{"cname":"OhYevBhAPiOiXWFv","reducedSize":true},"msid":"3f7b98ab-65b1-4a65-868)j"
    R"j(5-ed811059dba9 5a4c07df-664c-4e9b-9dc4-ef43a6bd6a19"},"appData":{},"transportId":"t1"})j";
inline const std::string capabilities =
    R"j({"codecs":[{"kind":"audio","mimeType":"audio/opus","preferredPayloadType":100,"clockRate)j"
    R"j(":48000,"channels":2,"parameters":{"minptime":10,"useinbandfec":1},"rtcpFeedback":[{"typ)j"
    R"j(e":"transport-cc","parameter":""}]},{"kind":"audio","mimeType":"audio/PCMU","preferredPa)j"
    R"j(yloadType":0,"clockRate":8000,"channels":1,"parameters":{},"rtcpFeedback":[]},{"kind":"a)j"
    R"j(udio","mimeType":"audio/PCMA","preferredPayloadType":8,"clockRate":8000,"channels":1,"pa)j"
    R"j(rameters":{},"rtcpFeedback":[]},{"kind":"audio","mimeType":"audio/telephone-event","pref)j"
    R"j(erredPayloadType":110,"clockRate":48000,"channels":1,"parameters":{},"rtcpFeedback":[]},)j"
    R"j({"kind":"audio","mimeType":"audio/telephone-event","preferredPayloadType":126,"clockRate)j"
    R"j(":8000,"channels":1,"parameters":{},"rtcpFeedback":[]},{"kind":"video","mimeType":"video)j"
    R"j(/VP8","preferredPayloadType":101,"clockRate":90000,"parameters":{},"rtcpFeedback":[{"typ)j"
    R"j(e":"goog-remb","parameter":""},{"type":"transport-cc","parameter":""},{"type":"ccm","par)j"
    R"j(ameter":"fir"},{"type":"nack","parameter":""},{"type":"nack","parameter":"pli"}]},{"kind)j"
    R"j(":"video","mimeType":"video/rtx","preferredPayloadType":102,"clockRate":90000,"parameter)j"
    R"j(s":{"apt":101},"rtcpFeedback":[]}],"headerExtensions":[{"kind":"video","uri":"urn:ietf:p)j"
    R"j(arams:rtp-hdrext:sdes:mid","preferredId":1,"preferredEncrypt":false,"direction":"sendrec)j"
    R"j(v"},{"kind":"audio","uri":"urn:ietf:params:rtp-hdrext:ssrc-audio-level","preferredId":10)j"
    R"j(,"preferredEncrypt":false,"direction":"sendrecv"},{"kind":"video","uri":"http://www.webr)j"
    R"j(tc.org/experiments/rtp-hdrext/abs-send-time","preferredId":4,"preferredEncrypt":false,"d)j"
    R"j(irection":"sendrecv"}]})j";
inline const std::string connect =
    R"j({"transportId":"77879166-d28e-4cc5-a1a2-2c85c00e9b31","dtlsParameters":{"role":"client",)j"
    R"j("fingerprints":[{"algorithm":"sha-256","value":"34:AB:79:6E:E3:81:FA:AE:66:AF:99:6B:55:2)j"
    R"j(3:58:26:8E:3C:E3:36:20:8C:31:9C:E0:66:CA:C2:BE:36:82:AF"}]}})j";

} // namespace strowger::protocol::mediasoup::seen
