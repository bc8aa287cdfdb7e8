// The thread that makes the pieces of streamed answers.
#include "api/streaming.h"

#include "tests/api/fixture.h"

#include <thread>

namespace muster::test {
namespace {

// NOLINTBEGIN(misc-unused-using-decls): they are used; another file of the same unit has them, too
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""h;
// NOLINTEND(misc-unused-using-decls)

// Gives what it is told to by `make`.
struct Made final : PieceSource {
    explicit Made(std::function<std::optional<http::Piece>()> gives) : make(std::move(gives)) {}
    std::optional<http::Piece> next() override { return make(); }
    [[nodiscard]] std::string heartbeat() const override { return "beat"; }
    std::function<std::optional<http::Piece>()> make;
};
std::unique_ptr<PieceSource> made(std::function<std::optional<http::Piece>()> make) {
    return std::make_unique<Made>(std::move(make));
}

const WorkspaceId spring{Uuid{{1}}}, fall{Uuid{{2}}};

RecordedPtr event_of(WorkspaceId workspace, Event event = TeamDeleted{}) {
    Recorded recorded;
    recorded.workspace = workspace;
    recorded.event = std::move(event);
    return std::make_shared<Recorded>(recorded);
}

}  // namespace

TEST_CASE("many bodies are made by turns, each in its order") {
    Streaming streaming([](const std::string&) {});
    std::vector<std::shared_ptr<http::Stream>> bodies;
    for (int i = 0; i < 3; ++i)
        bodies.push_back(
            streaming.body(made([count = 0]() mutable { return http::Piece{std::to_string(++count), count == 3}; })));
    for (const char* expected : {"1", "2", "3"})
        for (const auto& body : bodies) {
            auto piece = next_piece(*body);
            CHECK(piece->bytes == expected);
            CHECK(piece->last == (piece->bytes == "3"));
        }
}

TEST_CASE("what waits is asked again at once when its workspace has events, not at another's") {
    Streaming streaming([](const std::string&) {}, 24h);
    std::atomic<int> asked = 0;
    std::atomic<bool> there = false;
    auto body = streaming.following(made([&]() -> std::optional<http::Piece> {
                                        ++asked;
                                        if (!there) return std::nullopt;
                                        return http::Piece{"news", false};
                                    }),
                                    spring);
    std::optional<http::Piece> piece;
    std::jthread reader([&] { piece = next_piece(*body); });
    while (asked == 0) std::this_thread::sleep_for(1ms);
    std::vector<RecordedPtr> others{event_of(fall)}, own{event_of(fall), event_of(spring), event_of(spring)};
    there = true;
    streaming.appended(others);
    streaming.appended(own);
    reader.join();
    CHECK(piece->bytes == "news");
}

TEST_CASE("where nothing happens, a heartbeat says that the connection lives") {
    Streaming streaming([](const std::string&) {}, 20ms);
    auto body = streaming.following(made([] { return std::nullopt; }), spring);
    for (int i = 0; i < 3; ++i) {
        auto piece = next_piece(*body);
        CHECK(piece->bytes == "beat");
        CHECK_FALSE(piece->last);
    }
}

TEST_CASE("a body that fails is broken off, and the next goes on") {
    std::vector<std::string> reported;
    Streaming streaming([&](const std::string& what) { reported.push_back(what); });
    auto failing = streaming.body(made([]() -> std::optional<http::Piece> { throw std::runtime_error("no disk"); }));
    auto given_up = streaming.body(made([]() -> std::optional<http::Piece> { throw BrokenOff{}; }));
    CHECK_FALSE(next_piece(*failing));
    CHECK_FALSE(next_piece(*given_up));
    CHECK(next_piece(*streaming.body(made([] { return http::Piece{"well", true}; })))->bytes == "well");
    CHECK(reported == std::vector<std::string>{"A streamed answer was broken off: no disk"});
}

TEST_CASE("when the server stops, what follows events ends, and a file goes on to its end") {
    Streaming streaming([](const std::string&) {}, 24h);
    auto following = streaming.following(made([] { return std::nullopt; }), spring);
    auto file = streaming.body(made([] { return http::Piece{"row", true}; }));
    std::optional<http::Piece> piece;
    std::jthread reader([&] { piece = next_piece(*following); });
    std::this_thread::sleep_for(5ms);
    following->finish();
    file->finish();
    reader.join();
    CHECK(piece->last);
    CHECK(next_piece(*file)->bytes == "row");
}

TEST_CASE("bodies that outlive it are broken off") {
    auto streaming = std::make_unique<Streaming>([](const std::string&) {}, 24h);
    auto waiting = streaming->following(made([] { return std::nullopt; }), spring);
    std::optional<http::Piece> piece{http::Piece{}};
    std::jthread reader([&] { piece = next_piece(*waiting); });
    std::this_thread::sleep_for(5ms);
    streaming.reset();
    reader.join();
    CHECK_FALSE(piece);
    CHECK_FALSE(next_piece(*waiting));
}

TEST_CASE("erasures are counted, for whoever keeps names") {
    Streaming streaming([](const std::string&) {});
    std::vector<RecordedPtr> events{event_of(spring), event_of(fall, PersonalDataDestroyed{})};
    streaming.appended(events);
    CHECK(streaming.erasures() == 1);
}

}  // namespace muster::test
