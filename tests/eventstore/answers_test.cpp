// Answers that are kept under idempotency keys: the same again for the same request, and without whom was erased.
#include "tests/eventstore/fixture.h"

namespace muster::test {
namespace {

struct Answers : World {
    Answers() {
        answer.status = 201;
        answer.position = 42;
        answer.parts = {{AnswerPart::Kind::plain, R"({"id":"x","email":)", {}, {}, 0},
                        {AnswerPart::Kind::personal, R"("grace@spring.example")", "null", person.id, 0},
                        {AnswerPart::Kind::link, {}, {}, spec::grace.uuid, 3},
                        {AnswerPart::Kind::plain, "}", {}, {}, 0}};
        row = kept_row(*vault, key, clock.now(), answer);
    }
    PersonKey person = vault->mint();
    IdempotencyKey key{std::string(32, 's'), "my key", "POST /invitations {}"};
    KeptAnswer answer;
    std::string row;
};

TEST_CASE_METHOD(Answers, "an answer is recalled for the same request") {
    auto back = recall(*vault, key, row);
    REQUIRE(back);
    CHECK(back->status == 201);
    CHECK(back->position == 42);
    REQUIRE(back->parts.size() == 4);
    CHECK(back->parts[0].text == answer.parts[0].text);
    CHECK(back->parts[1].text == answer.parts[1].text);
    CHECK(back->parts[2].kind == AnswerPart::Kind::link);
    CHECK(back->parts[2].id == spec::grace.uuid);
    CHECK(back->parts[2].number == 3);
}

TEST_CASE_METHOD(Answers, "another request under the same key is told from it") {
    auto other = key;
    other.request = "POST /invitations {\"x\":1}";
    CHECK(recall(*vault, other, row).error() == NotRecalled::another_request);
}

TEST_CASE_METHOD(Answers, "rows differ by scope and key, and hold neither the key nor what was answered") {
    auto other = key;
    other.key = "another key";
    CHECK(row_key(other) != row_key(key));
    other = key;
    other.scope = std::string(32, 't');
    CHECK(row_key(other) != row_key(key));
    for (const std::string& canary : {std::string("my key"), std::string("grace"), std::string("email")}) {
        CHECK(row.find(canary) == std::string::npos);
        CHECK(row_key(key).find(canary) == std::string::npos);
    }
}

TEST_CASE_METHOD(Answers, "once the person is erased, their part is blank [N7]") {
    vault->destroy({person.id});
    auto back = recall(*vault, key, row);
    REQUIRE(back);
    CHECK(back->parts[1].text == "null");
    CHECK(back->parts[0].text == answer.parts[0].text);
    // Kept after the erasure it is blank from the beginning.
    CHECK(recall(*vault, key, kept_row(*vault, key, clock.now(), answer))->parts[1].text == "null");
}

TEST_CASE_METHOD(Answers, "once the key of its day is destroyed, an answer has expired") {
    clock.advance(8 * 86'400);
    vault->destroy_day_keys_before(clock.now().ms / 86'400'000 - 7);
    CHECK(recall(*vault, key, row).error() == NotRecalled::expired);
}

TEST_CASE_METHOD(Answers, "an altered or shortened row is refused [N12]") {
    auto served = [&](const std::string& bytes) {
        try {
            return recall(*vault, key, bytes).has_value();
        } catch (const DamageError&) {
            return false;  // else it is as if it were of another day or request
        }
    };
    REQUIRE(served(row));
    for (std::size_t i = 0; i < row.size(); ++i) {
        auto altered = row;
        altered[i] = static_cast<char>(altered[i] ^ 1);
        CHECK_FALSE(served(altered));
    }
    for (std::size_t size = 0; size < row.size(); ++size) CHECK_FALSE(served(row.substr(0, size)));
    CHECK_FALSE(served(row + "x"));
}

}  // namespace
}  // namespace muster::test
