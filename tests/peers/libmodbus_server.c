/* A Modbus server by libmodbus that a test commands on standard input.
 *
 *   libmodbus_server tcp HOST PORT        port 0 takes a free one
 *   libmodbus_server rtu PATH BAUD UNIT
 *
 * First line out: "ready PORT" (0 for a serial line). Then a command a line in, an answer
 * a line out, "ok ..." or "error TEXT"; the end of standard input ends the server:
 *
 *   set TABLE ADDRESS VALUE...    put values; coil, discrete_input, holding, input
 *   get TABLE ADDRESS COUNT       "ok VALUE..."
 *   requests                      "ok FUNCTION:COUNT..." of the function codes seen
 */
#include <arpa/inet.h>
#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#define ADDRESSES 65536
#define LONGEST_LINE 16384
#define MOST_CLIENTS 16

static modbus_t *context;
static modbus_mapping_t *mapping;
static unsigned long requests[256];
static int clients[MOST_CLIENTS];
static int client_count;

static int fail(const char *what) {
    fprintf(stderr, "libmodbus_server: %s: %s\n", what, modbus_strerror(errno));
    return EXIT_FAILURE;
}

static uint8_t *bits_of(const char *table) {
    if (strcmp(table, "coil") == 0)
        return mapping->tab_bits;
    return strcmp(table, "discrete_input") == 0 ? mapping->tab_input_bits : NULL;
}

static uint16_t *registers_of(const char *table) {
    if (strcmp(table, "holding") == 0)
        return mapping->tab_registers;
    return strcmp(table, "input") == 0 ? mapping->tab_input_registers : NULL;
}

static void set_values(const char *table, long address) {
    uint8_t *bits = bits_of(table);
    uint16_t *registers = registers_of(table);
    const char *word;

    while ((word = strtok(NULL, " ")) != NULL) {
        long value = strtol(word, NULL, 10);
        if (address >= ADDRESSES || value < 0 || value > (bits ? 1 : 0xFFFF)) {
            puts("error out of range");
            return;
        }
        if (bits)
            bits[address++] = (uint8_t)value;
        else
            registers[address++] = (uint16_t)value;
    }
    puts("ok");
}

static void get_values(const char *table, long address) {
    uint8_t *bits = bits_of(table);
    uint16_t *registers = registers_of(table);
    const char *word = strtok(NULL, " ");
    long count = word ? strtol(word, NULL, 10) : 1;

    if (count < 0 || address + count > ADDRESSES) {
        puts("error out of range");
        return;
    }
    fputs("ok", stdout);
    for (long at = address; at < address + count; at++)
        printf(" %d", bits ? bits[at] : registers[at]);
    putchar('\n');
}

static void say_requests(void) {
    fputs("ok", stdout);
    for (int function = 0; function < 256; function++)
        if (requests[function])
            printf(" %d:%lu", function, requests[function]);
    putchar('\n');
}

static void obey(char *line) {
    const char *command = strtok(line, " \n");
    const char *table, *address;

    if (command && strcmp(command, "requests") == 0) {
        say_requests();
        return;
    }
    table = strtok(NULL, " ");
    address = strtok(NULL, " ");
    if (!command || !table || !address || (!bits_of(table) && !registers_of(table)))
        puts("error which table and address?");
    else if (strtol(address, NULL, 10) < 0)
        puts("error out of range");
    else if (strcmp(command, "set") == 0)
        set_values(table, strtol(address, NULL, 10));
    else if (strcmp(command, "get") == 0)
        get_values(table, strtol(address, NULL, 10));
    else
        puts("error unknown command");
}

/* Answer one request; -1 when its client is gone. */
static int serve(int is_tcp) {
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    int length = modbus_receive(context, query);

    if (length > 0) {
        requests[query[modbus_get_header_length(context)]]++;
        return modbus_reply(context, query, length, mapping) == -1 && is_tcp ? -1 : 0;
    }
    return length == -1 && is_tcp ? -1 : 0;
}

static void take_client(int listener) {
    int client = accept(listener, NULL, NULL);

    if (client == -1)
        return;
    if (client_count == MOST_CLIENTS)
        close(client);
    else
        clients[client_count++] = client;
}

static void serve_clients(const fd_set *ready) {
    for (int n = client_count - 1; n >= 0; n--) {
        if (!FD_ISSET(clients[n], ready))
            continue;
        modbus_set_socket(context, clients[n]);
        if (serve(1) == -1) {
            close(clients[n]);
            clients[n] = clients[--client_count];
        }
    }
}

/* Serve until standard input ends. listener: -1 on a serial line. */
static int run(int listener) {
    static char line[LONGEST_LINE];

    for (;;) {
        int serial = listener == -1 ? modbus_get_socket(context) : -1;
        int highest = listener > serial ? listener : serial;
        fd_set ready;

        FD_ZERO(&ready);
        FD_SET(STDIN_FILENO, &ready);
        FD_SET(listener == -1 ? serial : listener, &ready);
        for (int n = 0; n < client_count; n++) {
            FD_SET(clients[n], &ready);
            highest = clients[n] > highest ? clients[n] : highest;
        }
        if (select(highest + 1, &ready, NULL, NULL, NULL) == -1)
            return fail("select");
        if (FD_ISSET(STDIN_FILENO, &ready)) {
            if (!fgets(line, sizeof line, stdin))
                return EXIT_SUCCESS;
            obey(line);
        }
        if (serial != -1 && FD_ISSET(serial, &ready))
            serve(0);
        serve_clients(&ready);
        if (listener != -1 && FD_ISSET(listener, &ready))
            take_client(listener);
    }
}

static int start_tcp(const char *host, int port) {
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    int listener;

    context = modbus_new_tcp(host, port);
    if (!context || (listener = modbus_tcp_listen(context, MOST_CLIENTS)) == -1)
        return fail("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &size) == -1)
        return fail("getsockname");
    printf("ready %d\n", ntohs(address.sin_port));
    return run(listener);
}

static int start_rtu(const char *path, int baud, int unit) {
    context = modbus_new_rtu(path, baud, 'N', 8, 1);
    if (!context || modbus_set_slave(context, unit) == -1 || modbus_connect(context) == -1)
        return fail(path);
    printf("ready 0\n");
    return run(-1);
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    setvbuf(stdin, NULL, _IONBF, 0); /* select must see every line */
    mapping = modbus_mapping_new(ADDRESSES, ADDRESSES, ADDRESSES, ADDRESSES);
    if (!mapping)
        return fail("mapping");
    if (argc == 4 && strcmp(argv[1], "tcp") == 0)
        return start_tcp(argv[2], atoi(argv[3]));
    if (argc == 5 && strcmp(argv[1], "rtu") == 0)
        return start_rtu(argv[2], atoi(argv[3]), atoi(argv[4]));
    fprintf(stderr, "usage: libmodbus_server tcp HOST PORT | rtu PATH BAUD UNIT\n");
    return EXIT_FAILURE;
}
