#pragma once
// XML in pieces, told element by element. Document types, and with them all entities but the five of XML itself, are
// refused, and so are nesting without end and tags, comments or instructions of more than limits::sheet_xml_token: of
// what is not whole yet expat reads everything again with each piece. For one thread at a time.

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace muster {

// The attributes of an element, by their names without prefix; valid during `start`.
class XmlAttributes {
public:
    explicit XmlAttributes(const char** pairs) : pairs_(pairs) {}
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;

private:
    const char** pairs_;
};

// Names come without their prefix.
struct XmlEvents {
    virtual ~XmlEvents() = default;
    virtual void start(std::string_view element, const XmlAttributes& attributes) = 0;
    virtual void end(std::string_view element) = 0;
    virtual void text(std::string_view piece) = 0;
};

class XmlParser {
public:
    explicit XmlParser(XmlEvents& events);
    ~XmlParser();
    XmlParser(const XmlParser&) = delete;
    XmlParser& operator=(const XmlParser&) = delete;

    // False where it is no good XML.
    bool feed(std::string_view piece);
    bool finish();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace muster
