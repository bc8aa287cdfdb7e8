#include "api/json/parse.h"

#include "api/json/limits.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace muster {
namespace {

using nlohmann::json;

// Builds the value as the parser reports its parts; nlohmann's own builder neither sees duplicate keys nor counts
// levels.
class Builder : public nlohmann::json_sax<json> {
public:
    explicit Builder(Faults& faults) : faults_(faults) {}

    json value;
    std::string why;  // not valid

    bool null() override { return put(nullptr); }
    bool boolean(bool given) override { return put(given); }
    bool number_integer(std::int64_t given) override { return put(given); }
    bool number_unsigned(std::uint64_t given) override { return put(given); }
    bool number_float(double given, const std::string&) override { return put(given); }
    bool string(std::string& given) override { return put(std::move(given)); }
    bool binary(json::binary_t&) override { return false; }
    bool start_object(std::size_t) override { return open(json::object()); }
    bool start_array(std::size_t) override { return open(json::array()); }
    bool end_object() override { return close(); }
    bool end_array() override { return close(); }

    bool key(std::string& name) override {
        auto& level = open_.back();
        auto [place, fresh] = level.container->get_ref<json::object_t&>().try_emplace(std::move(name));
        level.member = &place->second;
        level.name = &place->first;
        if (!fresh && !faults_.full())
            faults_.add({pointer(), Code::duplicate_key, "This key stands more than once in its object.", {}});
        return true;
    }

    bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception& error) override {
        std::string_view what = error.what();
        if (what.find("surrogate") != std::string_view::npos)
            why = "A string holds half of a surrogate pair";
        else if (what.find("UTF-8") != std::string_view::npos)
            why = "A string is not valid UTF-8";
        else if (error.id == 406)
            why = "A number is too large";
        else
            why = "The body is not valid JSON";
        why += ", at byte " + std::to_string(position) + ".";
        return false;
    }

private:
    struct Level {
        json* container;
        json* member = nullptr;             // of an object: the value that comes next
        const std::string* name = nullptr;  // and its key
    };

    json* put(json given) {
        json* at = &value;
        if (!open_.empty() && open_.back().member) {
            at = open_.back().member;
        } else if (!open_.empty()) {
            return &open_.back().container->get_ref<json::array_t&>().emplace_back(std::move(given));
        }
        *at = std::move(given);
        return at;
    }

    bool open(json container) {
        if (open_.size() == limits::json_nesting) {
            why = "The body is nested more than " + std::to_string(limits::json_nesting) + " levels deep.";
            return false;
        }
        open_.push_back({put(std::move(container))});
        return true;
    }

    bool close() {
        open_.pop_back();
        return true;
    }

    [[nodiscard]] std::string pointer() const {
        std::string text;
        for (const auto& level : open_) {
            if (level.name)
                append_reference_token(text, *level.name);
            else
                text += "/" + std::to_string(level.container->size() - 1);
        }
        return text;
    }

    Faults& faults_;
    std::vector<Level> open_;
};

}  // namespace

std::expected<json, Refusal> parse_json(std::string_view body, Faults& faults) {
    if (body.empty()) return json::object();
    // The parser takes a zero byte for the end of the text.
    if (auto zero = body.find('\0'); zero != std::string_view::npos)
        return refused(Code::invalid_json, "The body is not valid JSON, at byte " + std::to_string(zero + 1) + ".");
    Builder builder(faults);
    if (!json::sax_parse(body.begin(), body.end(), &builder)) return refused(Code::invalid_json, builder.why);
    return std::move(builder.value);
}

}  // namespace muster
