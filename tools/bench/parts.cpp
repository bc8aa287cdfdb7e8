// The parts of an append, each alone, by Google Benchmark.
#include "domain/event.h"
#include "eventstore/codec.h"
#include "eventstore/frame.h"

#include <benchmark/benchmark.h>

namespace muster::bench {
namespace {

struct Parts {
    PersonKey key{Uuid{}, random_key(system_entropy())};
    Event event = [] {
        MemberInvited invited;
        invited.email_claim = std::string(32, 'c');
        invited.assignment.role = RoleKey{"member"};
        invited.ttl = 604'800;
        return Event(invited);
    }();
    std::string payload = encode(event, &key);
    Frame frame = [this] {
        Frame made;
        made.type = std::string(type_of(event));
        made.stream = stream_of(MemberId{});
        made.payload = payload;
        return made;
    }();
    std::string bytes = frame_bytes(header_of(frame), payload, frame.link);
};

void encode_sealed(benchmark::State& state) {
    Parts parts;
    for ([[maybe_unused]] auto _ : state) benchmark::DoNotOptimize(encode(parts.event, &parts.key));
}
BENCHMARK(encode_sealed)->Name("part/encode_sealed");

void make_frame(benchmark::State& state) {
    Parts parts;
    auto hash = sha256(parts.payload);
    for ([[maybe_unused]] auto _ : state) {
        auto header = header_of(parts.frame);
        benchmark::DoNotOptimize(frame_bytes(header, parts.payload, link_of({}, header, hash)));
    }
}
BENCHMARK(make_frame)->Name("part/frame");

void read_back(benchmark::State& state) {
    Parts parts;
    auto keys = [&](const Uuid&) { return std::optional(parts.key.key); };
    for ([[maybe_unused]] auto _ : state) {
        auto frame = parse_frame(parts.bytes);
        benchmark::DoNotOptimize(decode(frame.type, frame.payload, keys));
    }
}
BENCHMARK(read_back)->Name("part/read_back");

}  // namespace
}  // namespace muster::bench
