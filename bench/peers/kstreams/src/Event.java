import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.UncheckedIOException;

/** What is counted of a delivery; {@code at} is epoch milliseconds. */
record Event(String id, String kind, int sign, String account, String post, String actor, long at) {
    private static final JsonFactory JSON = new JsonFactory();

    /** Reads a record's value token by token, which is cheaper than binding it. */
    static Event read(byte[] value) {
        String id = null, kind = null, account = null, post = null, actor = null;
        int sign = 1;
        long at = 0;
        try (JsonParser parser = JSON.createParser(value)) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "event_id" -> id = parser.getText();
                    case "kind" -> kind = parser.getText();
                    case "verb" -> sign = parser.getText().equals("remove") ? -1 : 1;
                    case "account_id" -> account = parser.getText();
                    case "post_id" -> post = parser.getText();
                    case "actor_id" -> actor = parser.getText();
                    case "occurred_at" -> at = parser.getLongValue();
                    default -> parser.skipChildren();
                }
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
        return new Event(id, kind, sign, account, post, actor, at);
    }
}
